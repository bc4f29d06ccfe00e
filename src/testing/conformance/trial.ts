import {
  isKubernetesError,
  KubernetesErrorType,
  resourceOf,
  Resources,
  type KubernetesClient,
  type Resource,
} from '../../kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../../kubernetes/objects.ts';
import { Label } from '../../spark/metadata.ts';
import {
  recordingCreates,
  type CreatedDriver,
  type RecordedCreates,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../../submitters/index.ts';
import type { ConformanceOptions } from './options.ts';
import { requestFor, type Changes } from './request.ts';
import { ConformanceViolation } from './violation.ts';

/** How long an aborted submission may take to end, in milliseconds; the worker does not wait longer either. */
const GIVE_UP_WITHIN_MS = 5_000;

export interface SubmitContext {
  readonly kubernetes: KubernetesClient;
  readonly signal: AbortSignal;
  readonly submitter: SparkApplicationSubmitter;
}

const KINDS: readonly Resource[] = [Resources.pods, Resources.services, Resources.configMaps, Resources.secrets];

/** A submitter under test, with what it has created so far. */
export class Trial {
  readonly options: Required<ConformanceOptions>;
  private readonly made = new Set<string>();
  /** The creates that submitters sent to the API server, by submission ID. */
  private readonly recordings = new Map<string, RecordedCreates[]>();
  private count = 0;

  constructor(options: ConformanceOptions) {
    this.options = { image: 'spark:4.1.4', patienceMs: 10_000, usesClient: true, ...options };
  }

  /** A request for a new application, valid apart from the changes. */
  request(changes: Changes = {}): SubmissionRequest {
    const { namespace, image } = this.options;
    this.count += 1;
    const name = `conformance-${Date.now().toString(36)}-${this.count}`;
    return requestFor({ name, image }, { namespace, ...changes });
  }

  /** @throws what the submitter throws; ConformanceViolation where it does not end after an abort */
  async submit(request: SubmissionRequest, context: Partial<SubmitContext> = {}): Promise<CreatedDriver> {
    const { submissionId } = request.identity;
    const {
      kubernetes = this.options.kubernetes,
      signal = AbortSignal.timeout(this.options.patienceMs),
      submitter = this.options.submitter(),
    } = context;
    this.made.add(submissionId);
    const recording = recordingCreates(kubernetes);
    this.recordings.set(submissionId, [...(this.recordings.get(submissionId) ?? []), recording]);
    const answer = new Promise<CreatedDriver>((resolve) =>
      resolve(submitter.submit(request, { kubernetes: recording.client, signal })),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const aborted = () => {
        const violation = new ConformanceViolation(
          `it was still running ${GIVE_UP_WITHIN_MS} ms after its signal was aborted`,
        );
        timer = setTimeout(() => reject(violation), GIVE_UP_WITHIN_MS);
      };
      if (signal.aborted) aborted();
      else signal.addEventListener('abort', aborted, { once: true });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As `submit`. @throws ConformanceViolation where the submission fails */
  async succeeds(request: SubmissionRequest, context: Partial<SubmitContext> = {}): Promise<CreatedDriver> {
    try {
      return await this.submit(request, context);
    } catch (error) {
      if (error instanceof ConformanceViolation) throw error;
      throw new ConformanceViolation(`a valid submission failed: ${String(error)}`, { cause: error });
    }
  }

  /** @throws ConformanceViolation if the driver does not exist */
  async driver({ submission, identity }: SubmissionRequest): Promise<Pod> {
    const pod = await this.options.kubernetes.get(Resources.pods, submission.namespace, identity.driverPodName);
    if (pod === undefined) throw new ConformanceViolation(`pod ${identity.driverPodName} does not exist`);
    return pod;
  }

  /** Everything that was created for a request, sorted by name. */
  objectsOf({ identity }: SubmissionRequest): Promise<KubernetesObject[]> {
    return this.objectsWith(identity.submissionId);
  }

  async namesOf(request: SubmissionRequest): Promise<string[]> {
    return (await this.objectsOf(request)).map(nameOf);
  }

  /** What was created for a request outside its namespace. */
  async elsewhere(request: SubmissionRequest): Promise<string[]> {
    const objects = await this.objectsOf(request);
    const { namespace } = request.submission;
    return objects.flatMap((object) =>
      object.metadata!.namespace === namespace ? [] : [`${nameOf(object)} in ${object.metadata!.namespace}`],
    );
  }

  /** Removes everything that was created. */
  async cleanUp(): Promise<void> {
    const { kubernetes } = this.options;
    for (const submissionId of this.made) {
      for (const object of await this.objectsWith(submissionId)) {
        const { namespace, name, finalizers } = object.metadata!;
        const resource = resourceOf(object);
        if (finalizers !== undefined) {
          const patch = { metadata: { finalizers: null } };
          await kubernetes.patch(resource, namespace, name!, 'application/merge-patch+json', patch).catch(unlessGone);
        }
        await kubernetes.delete(resource, namespace, name!, { gracePeriodSeconds: 0 });
      }
    }
    this.made.clear();
    this.recordings.clear();
  }

  /** What carries the submission ID, and what was created for it without that label, sorted by name. */
  private async objectsWith(submissionId: string): Promise<KubernetesObject[]> {
    const { kubernetes, namespace } = this.options;
    const found = new Map<string, KubernetesObject>();
    const labelSelector = `${Label.SubmissionId}=${submissionId}`;
    await Promise.all(
      KINDS.map(async (resource) => {
        for await (const page of kubernetes.list<KubernetesObject>(resource, namespace, { labelSelector })) {
          for (const object of page) found.set(uidOf(object), { ...object, ...kindOf(resource) });
        }
      }),
    );
    const created = (this.recordings.get(submissionId) ?? []).flatMap(({ objects }) => objects);
    for (const object of created) {
      const resource = resourceOf(object);
      const existing = await kubernetes.get(resource, object.metadata?.namespace, object.metadata!.name!);
      // A pod with the name of a refused one need not be the requested pod.
      if (existing !== undefined && isSame(existing, object)) {
        found.set(uidOf(existing), { ...existing, ...kindOf(resource) });
      }
    }
    return [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
}

const kindOf = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });
export const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata!.name}`;
export const uidOf = ({ metadata }: KubernetesObject): string => metadata!.uid!;

/** Whether an object is the one that was created, judged by its labels. */
function isSame(existing: KubernetesObject, created: KubernetesObject): boolean {
  const labels = Object.entries(created.metadata?.labels ?? {});
  return labels.every(([key, value]) => existing.metadata?.labels?.[key] === value);
}

function unlessGone(error: unknown): void {
  if (!isKubernetesError(error, KubernetesErrorType.NotFound)) throw error;
}
