import { KubernetesError, type KubernetesClient } from '../../kubernetes/index.ts';
import type { Role } from '../../spark/application/role.ts';
import { SubmissionRefused } from '../../spark/index.ts';
import { podNames, type CheckedPod } from '../../spark/pods/check-objects.ts';
import type { SubmissionRequest } from '../contract.ts';
import { podsOf } from '../driver-objects.ts';
import { Answer, askServer, type DryRunAnswer } from './ask-server.ts';
import { podShape } from './pod-shape.ts';

/** How long an answer counts, in milliseconds: policies and limits of a namespace may change. */
const KNOWN_MS = 10 * 60_000;
/** Templates; the oldest go first. */
const MOST_KNOWN = 1_000;

/** Who asks, and where. */
export interface AskedCluster {
  /** Of the cluster and the user: another one may refuse the same pod. */
  readonly name: string;
  /** Called only where the template is not known. */
  readonly client: () => Promise<KubernetesClient>;
  readonly signal: AbortSignal;
}

/** The API server would refuse a pod of an application. */
export class PodsRefused extends KubernetesError {}

interface RefusedPod {
  readonly role: Role;
  readonly error: KubernetesError;
}

/**
 * Asks API servers, before anything is created, whether they would create the driver and its first executor. A template
 * that one took is not sent again while it is known.
 */
export class DryRuns {
  private readonly known = new KnownTemplates();
  /** What is being asked. Never rejects. */
  private readonly asking = new Map<string, Promise<unknown>>();

  /**
   * A submission that only Spark's own client can translate, and an executor that feature steps of the user's may
   * change, are not asked about: nothing here knows their pods. Neither is what the user may not create: the submission
   * itself reports that.
   *
   * @throws PodsRefused (not retryable) with every problem of both pods
   * @throws KubernetesError where the API server did not judge them
   */
  async check(request: SubmissionRequest, cluster: AskedCluster): Promise<void> {
    const asked = knownPods(request).filter(({ isFinal }) => isFinal);
    let connected: Promise<KubernetesClient> | undefined;
    const client = () => (connected ??= cluster.client());
    const answers = await Promise.allSettled(
      asked.map((checked) => this.ask(request, { ...cluster, client }, checked)),
    );
    const failed = answers.find((answer) => answer.status === 'rejected');
    const refused = answers.flatMap((answer, index): RefusedPod[] =>
      answer.status === 'fulfilled' && answer.value?.answer === Answer.Refused
        ? [{ role: asked[index]!.role, error: answer.value.error }]
        : [],
    );
    if (refused.length > 0) throw refusalOf(request, refused);
    if (failed !== undefined) throw failed.reason;
  }

  /** Undefined where the template is known. Submissions of the same template share an answer. */
  private async ask(
    { submission: { namespace }, identity }: SubmissionRequest,
    { name, client, signal }: AskedCluster,
    { role, pod }: CheckedPod,
  ): Promise<DryRunAnswer | undefined> {
    const key = JSON.stringify([name, namespace, podShape(role, pod, identity)]);
    const other = this.asking.get(key);
    if (other !== undefined) await other;
    if (this.known.has(key)) return undefined;
    const answer = client().then(async (kubernetes) => {
      const given = await askServer(kubernetes, pod, { signal });
      if (given.answer === Answer.Taken) this.known.add(key);
      return given;
    });
    const settled = answer.catch(() => undefined);
    this.asking.set(key, settled);
    try {
      return await answer;
    } finally {
      if (this.asking.get(key) === settled) this.asking.delete(key);
    }
  }
}

function knownPods(request: SubmissionRequest): readonly CheckedPod[] {
  try {
    return podsOf(request);
  } catch (error) {
    if (error instanceof SubmissionRefused) return [];
    throw error;
  }
}

function refusalOf({ submission: { namespace, appName } }: SubmissionRequest, refused: readonly RefusedPod[]): Error {
  const { type, status, reason, verb, resource, cluster } = refused[0]!.error;
  const problems = refused.map(({ role, error }) => `the API server refuses ${podNames[role]}: ${problemsOf(error)}`);
  return new PodsRefused({
    ...{ type, status, reason, verb: verb!, resource: resource!, namespace, cluster: cluster! },
    message: `Cannot create a driver for ${namespace}/${appName}: ${problems.join('; ')}`,
    causes: refused.flatMap(({ error }) => error.causes),
    cause: refused[0]!.error,
  });
}

/** Every field, because the message of the API server may be cut. */
function problemsOf({ causes, message }: KubernetesError): string {
  const fields = causes.filter((cause) => cause.field !== undefined && cause.message !== undefined);
  return fields.length === 0 ? message : `${fields.map((cause) => `${cause.field}: ${cause.message}`).join('; ')}.`;
}

/** Templates that an API server took in a dry run, for ten minutes each and at most a thousand of them. */
class KnownTemplates {
  /** When each was learned, by `performance.now()`, the oldest first. */
  private readonly learned = new Map<string, number>();

  has(key: string): boolean {
    const at = this.learned.get(key);
    return at !== undefined && performance.now() - at < KNOWN_MS;
  }

  add(key: string): void {
    this.learned.delete(key);
    this.learned.set(key, performance.now());
    if (this.learned.size <= MOST_KNOWN) return;
    const [oldest] = this.learned.keys();
    this.learned.delete(oldest!);
  }
}
