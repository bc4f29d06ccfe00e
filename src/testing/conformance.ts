import { compareObjects, madeObjects } from '../submitters/compare/index.ts';
import {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  resourceOf,
  Resources,
  type KubernetesClient,
  type Resource,
} from '../kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../protocol/ids.ts';
import { attemptIdentity } from '../spark/attempt.ts';
import { attemptSubmission } from '../spark/index.ts';
import { driverPodName } from '../spark/driver-pod-name.ts';
import { Label } from '../spark/metadata.ts';
import type { SparkSubmission } from '../spark/submission.ts';
import {
  recordingCreates,
  SubmitterCapability,
  type CreatedDriver,
  type RecordedCreates,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../submitters/index.ts';
import { allOf, outputOf } from './captured-output.ts';
import { Died, faultyKubernetes } from './faulty-kubernetes.ts';
import { interceptedKubernetes } from './intercepted-kubernetes.ts';

export interface ConformanceOptions {
  /** Makes the submitter under test; a new one stands for a worker that was started again. */
  readonly submitter: () => SparkApplicationSubmitter;
  /** A real cluster. What the suite makes there it removes again. */
  readonly kubernetes: KubernetesClient;
  /** Takes pods, and has the service account `spark`. */
  readonly namespace: string;
  /** Image of the drivers; it need not be one that runs. @default "spark:4.1.4" */
  readonly image?: string;
  /** Milliseconds a submission may take. @default 10000 */
  readonly patienceMs?: number;
  /**
   * Whether it reaches the cluster through the client it is given, and so can be made to die at each of its calls. One
   * that runs another program is told to stop at moments of its run instead. @default true
   */
  readonly usesClient?: boolean;
}

/** One thing that every submitter has to do. */
export interface ConformanceCheck {
  /** As the name of a test. */
  readonly name: string;
  /** @throws ConformanceViolation that says what was expected and what happened */
  run(): Promise<void>;
}

export class ConformanceViolation extends Error {
  override readonly name = 'ConformanceViolation';
}

/** Must not turn up in any error, nor in what is written while one submits. */
const SECRET = 'c0nf0rmance-s3cret';
/** How long one that was told to give up may take to do so, in milliseconds; the core waits no longer, either. */
const GIVE_UP_WITHIN_MS = 5_000;

/**
 * The checks of the submitter contract, for any test runner:
 *
 *     for (const check of submitterConformance({ submitter: () => new MySubmitter(), kubernetes, namespace })) {
 *       test(check.name, () => check.run());
 *     }
 */
export function submitterConformance(options: ConformanceOptions): readonly ConformanceCheck[] {
  const suite = new Conformance(options);
  const check = (name: string, run: () => Promise<void>): ConformanceCheck => ({
    name,
    run: () => run().finally(() => suite.cleanUp()),
  });
  return [
    check('creates the driver it was asked for, and says what it created', () => suite.obeys()),
    check('makes everything else belong to the driver and carry its labels', () => suite.owns()),
    check('is idempotent: the same request again finds the same driver', () => suite.repeats()),
    check('makes one driver of requests at the same time', () => suite.concurs()),
    check('completes what a process left that died at any point', () => suite.survives()),
    check('refuses a name that another pod has, and leaves that alone', () => suite.respects()),
    check('gives up when it is told to', () => suite.givesUp()),
    check('returns nothing half-made when it is told to give up midway', () => suite.isWholeOrFails()),
    check('gives up on an API server that never answers', () => suite.doesNotHang()),
    check('leaves nothing behind of a submission that can not be made', () => suite.refuses()),
    check('leaves nothing behind of one that the cluster refuses, and says whether to try again', () => suite.fails()),
    check('refuses what takes a capability that it has not declared', () => suite.declares()),
    check('changes nothing of its request', () => suite.leavesTheRequest()),
    check('says what it would create, where it can, and creates none of it', () => suite.renders()),
    check('tells no secret in its errors or output', () => suite.keepsSecrets()),
  ];
}

class Conformance {
  private readonly options: Required<Omit<ConformanceOptions, 'submitter'>> & Pick<ConformanceOptions, 'submitter'>;
  private readonly made = new Set<string>();
  /** What submitters asked the API server to create, by submission ID. */
  private readonly recordings = new Map<string, RecordedCreates[]>();
  private count = 0;

  constructor(options: ConformanceOptions) {
    this.options = { image: 'spark:4.1.4', patienceMs: 10_000, usesClient: true, ...options };
  }

  async obeys(): Promise<void> {
    const request = this.request();
    const created = await this.succeeds(request);
    const pod = await this.driver(request);
    expectEqual('driverPodName', created.driverPodName, request.identity.driverPodName);
    expectEqual('driverPodUid', created.driverPodUid, pod.metadata!.uid);
    expectEqual('sparkApplicationId', created.sparkApplicationId, request.identity.sparkApplicationId);
    expectEqual('adopted', created.adopted, false);
    expectLabels(request, pod);
    for (const [key, value] of Object.entries(request.identity.annotations)) {
      expectEqual(`annotation ${key} of the driver`, pod.metadata!.annotations?.[key], value);
    }
    for (const finalizer of request.identity.finalizers) {
      expect(pod.metadata!.finalizers?.includes(finalizer) === true, `the driver lacks the finalizer ${finalizer}`);
    }
    expectEqual('objects in other namespaces', await this.elsewhere(request), []);
  }

  async owns(): Promise<void> {
    const request = this.request();
    await this.succeeds(request);
    await this.expectWhole(request);
  }

  async repeats(): Promise<void> {
    const request = this.request();
    const first = await this.succeeds(request);
    const before = await this.objectsOf(request);
    const again = await this.succeeds(request);
    expectEqual('driverPodUid of the repetition', again.driverPodUid, first.driverPodUid);
    expectEqual('adopted', again.adopted, true);
    expectEqual('the objects there are', (await this.objectsOf(request)).map(uidOf), before.map(uidOf));
    expectEqual('UID of the driver', (await this.driver(request)).metadata!.uid, first.driverPodUid);
  }

  async concurs(): Promise<void> {
    const request = this.request();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => this.submit(request)));
    const created = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(created.length > 0, `none of four submissions at the same time returned: ${reasons(results)}`);
    const drivers = (await this.objectsOf(request)).filter(({ kind }) => kind === 'Pod');
    expectEqual('drivers', drivers.length, 1);
    const uids = new Set(created.map(({ driverPodUid }) => driverPodUid));
    expectEqual('UIDs returned', [...uids], [drivers[0]!.metadata!.uid]);
    // Whoever lost may be tried again.
    await this.succeeds(request);
  }

  async survives(): Promise<void> {
    const whole = this.request();
    const counting = faultyKubernetes(this.options.kubernetes);
    const begun = Date.now();
    await this.succeeds(whole, { kubernetes: counting.client });
    const tookMs = Date.now() - begun;
    const complete = (await this.namesOf(whole)).length;
    await this.cleanUp();
    const deaths = this.options.usesClient
      ? Array.from({ length: counting.calls }, (_, index) => index + 1).flatMap((call) =>
          (['before', 'after'] as const).map((when) => ({ call, when })),
        )
      : [0.2, 0.4, 0.6, 0.8, 1].map((part) => ({ afterMs: Math.round(part * tookMs) }));
    for (const death of deaths) {
      const request = this.request();
      await this.dies(request, death);
      const left = (await this.objectsOf(request)).some(({ kind }) => kind === 'Pod');
      const { adopted } = await this.succeeds(request);
      if (left) expectEqual(`adopted, after it died ${JSON.stringify(death)}`, adopted, true);
      const names = await this.namesOf(request);
      expectEqual(`objects after it died ${JSON.stringify(death)} and was tried again`, names.length, complete);
      await this.expectWhole(request);
      await this.cleanUp();
    }
  }

  async respects(): Promise<void> {
    await this.refusesNameOf(this.request(), { 'conformance.test/stranger': 'true' });
    // As another attempt of the same application would be, but for its submission ID. Under a name of its own: what
    // becomes of a pod that takes the name of one just deleted is not what is checked here.
    const request = this.request();
    await this.refusesNameOf(request, {
      ...request.identity.labels,
      [Label.SubmissionId]: `${request.identity.submissionId}-other`,
    });
  }

  async givesUp(): Promise<void> {
    const request = this.request();
    const signal = AbortSignal.abort(new Died());
    await failureOf(this.submit(request, { signal }), 'an aborted submission');
    expectEqual('objects made of a submission that was aborted before it began', await this.namesOf(request), []);
    await this.succeeds(request);
  }

  async isWholeOrFails(): Promise<void> {
    if (!this.options.usesClient) return;
    for (const last of [1, 2]) {
      const request = this.request();
      const stop = new AbortController();
      let calls = 0;
      const kubernetes = interceptedKubernetes(this.options.kubernetes, async (_, proceed) => {
        calls += 1;
        const isLast = calls === last;
        const answer = await proceed();
        if (isLast) stop.abort(new Died());
        return answer;
      });
      const [result] = await Promise.allSettled([this.submit(request, { kubernetes, signal: stop.signal })]);
      const left = await this.namesOf(request);
      await this.succeeds(request);
      await this.expectWhole(request);
      if (result.status === 'rejected') continue;
      const what = `objects of a submission that returned although it was told to give up after call ${last}`;
      expectEqual(what, left, await this.namesOf(request));
    }
  }

  async doesNotHang(): Promise<void> {
    if (!this.options.usesClient) return;
    const request = this.request();
    const stop = new AbortController();
    const kubernetes = interceptedKubernetes(this.options.kubernetes, ({ signal }) => {
      // Time is up once it waits for an answer.
      setImmediate(() => stop.abort(new Died()));
      return new Promise((_, reject) => {
        const abort = () => reject(signal!.reason as Error);
        if (signal?.aborted === true) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      });
    });
    await failureOf(
      this.submit(request, { kubernetes, signal: stop.signal }),
      'a submission to an API server that never answers',
    );
  }

  async refuses(): Promise<void> {
    const request = this.request({ conf: { 'spark.driver.memory': 'lots' } });
    const error = await failureOf(this.submit(request), 'a submission with spark.driver.memory=lots');
    expectKind(error, false);
    expectEqual('objects made', await this.namesOf(request), []);
  }

  async fails(): Promise<void> {
    const missing = this.request({ serviceAccount: 'no-such-account-for-conformance' });
    const error = await failureOf(this.submit(missing), 'a submission with a service account that does not exist');
    expectKind(error, false);
    expectEqual('objects made', await this.namesOf(missing), []);
    if (!this.options.usesClient) return;
    for (const [kind, type] of REFUSALS) {
      const request = this.request();
      const refusal = new KubernetesError({ type, message: `create ${kind}: refused by the conformance suite` });
      const kubernetes = interceptedKubernetes(this.options.kubernetes, async ({ name, args }, proceed) => {
        if (name === 'create' && (args[0] as Resource).kind === kind) throw refusal;
        return proceed();
      });
      const what = `a submission whose ${kind} the API server refuses as ${type}`;
      expectKind(await failureOf(this.submit(request, { kubernetes }), what), refusal.retryable, what);
      if (kind === 'Pod') expectEqual(`objects left by ${what}`, await this.namesOf(request), []);
    }
  }

  async declares(): Promise<void> {
    const { capabilities = [] } = this.options.submitter();
    const undeclared = Object.values(SubmitterCapability).filter((capability) => !capabilities.includes(capability));
    for (const capability of undeclared) {
      const request = this.request(TAKES[capability]);
      const what = `a submission that takes the capability ${capability}, which is not declared,`;
      expectKind(await failureOf(this.submit(request), what), false, what);
      expectEqual('objects made', await this.namesOf(request), []);
    }
  }

  async leavesTheRequest(): Promise<void> {
    // Not frozen: whoever changes it is not stopped, but seen.
    const request = structuredClone(this.request());
    const before = JSON.stringify(request);
    await this.succeeds(request);
    expectEqual('the request', JSON.stringify(request), before);
  }

  async renders(): Promise<void> {
    const request = this.request();
    const submitter = this.options.submitter();
    if (submitter.render === undefined) return;
    let calls = 0;
    const kubernetes = interceptedKubernetes(this.options.kubernetes, (_, proceed) => {
      calls += 1;
      return proceed();
    });
    const recording = recordingCreates(kubernetes);
    const render = async () => submitter.render!(request, { signal: AbortSignal.timeout(this.options.patienceMs) });
    const rendered = await render();
    expectEqual('objects made when asked what it would create', await this.namesOf(request), []);
    const said = [rendered.pod, ...rendered.dependents];
    const names = said.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).sort();
    await this.succeeds(request, { kubernetes: recording.client, submitter });
    expectEqual('the objects there are', await this.namesOf(request), names);
    if (!this.options.usesClient) return;
    const { identity, submission } = request;
    const [from, to] = [said, recording.objects].map((made) => madeObjects(made, identity.resourceNamePrefix));
    expect(from !== undefined && to !== undefined, 'there is no pod among what it said, or among what it created');
    const { unintended } = compareObjects(from, to, identity, submission.namespace);
    expectEqual('what it created otherwise than it said', unintended, []);
    // By now it knows a cluster that it could ask.
    const before = calls;
    await render();
    expectEqual('calls to the API server when asked what it would create', calls - before, 0);
  }

  async keepsSecrets(): Promise<void> {
    const secret = {
      'spark.hadoop.fs.s3a.secret.key': SECRET,
      'spark.kubernetes.driverEnv.API_PASSWORD': SECRET,
    };
    const refused = this.request({ conf: { ...secret, 'spark.driver.memory': 'lots' } });
    const failing = this.request({ conf: secret, namespace: 'no-such-namespace-for-conformance' });
    const output = await outputOf(async () => {
      await this.succeeds(this.request({ conf: secret }));
      for (const request of [refused, failing]) {
        const error = await failureOf(this.submit(request), 'a submission that can not be made');
        expect(!allOf(error).includes(SECRET), `${error.name}, or its cause, tells the value of a secret setting`);
      }
    });
    expect(!output.includes(SECRET), 'the value of a secret setting was written to the output');
  }

  /** Removes what the checks made. */
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

  /** Everything else of the driver carries the labels that were asked for, and belongs to it and to nothing else. */
  private async expectWhole(request: SubmissionRequest): Promise<void> {
    const { metadata } = await this.driver(request);
    const dependents = (await this.objectsOf(request)).filter((object) => object.metadata!.uid !== metadata!.uid);
    expect(dependents.length > 0, 'a driver needs a Service and a ConfigMap, and there is neither');
    const owner = { apiVersion: 'v1', kind: 'Pod', name: metadata!.name, uid: metadata!.uid };
    for (const dependent of dependents) {
      expectLabels(request, dependent);
      const owners = dependent.metadata!.ownerReferences?.map(({ apiVersion, kind, name, uid }) => {
        return { apiVersion, kind, name, uid };
      });
      expectEqual(`owners of ${dependent.kind} ${dependent.metadata!.name}`, owners, [owner]);
      // A driver that is held by its finalizer would keep what it owns, and be kept by it.
      const blocks = dependent.metadata!.ownerReferences?.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
      expect(blocks !== true, `${dependent.kind} ${dependent.metadata!.name} blocks the deletion of the driver`);
    }
    expectEqual('objects in other namespaces', await this.elsewhere(request), []);
  }

  /** A pod with these labels has the driver's name already. */
  private async refusesNameOf(request: SubmissionRequest, labels: Readonly<Record<string, string>>): Promise<void> {
    const { namespace, kubernetes } = this.options;
    const name = request.identity.driverPodName;
    const stranger = await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { serviceAccountName: 'spark', containers: [{ name: 'main', image: this.options.image }] },
    });
    try {
      const error = await failureOf(this.submit(request), 'a submission under a name that another pod has');
      expectEqual('type of the error', (error as { type?: string }).type, 'DriverNameConflict');
      expectEqual('retryable', (error as { retryable?: boolean }).retryable, false);
      const pod = await kubernetes.get(Resources.pods, namespace, name);
      expectEqual('UID of the other pod', pod?.metadata?.uid, stranger.metadata!.uid);
      expect(pod?.metadata?.deletionTimestamp === undefined, 'the other pod was deleted');
      expectEqual('labels of the other pod', pod!.metadata!.labels, stranger.metadata!.labels);
      expectEqual('finalizers of the other pod', pod!.metadata!.finalizers, stranger.metadata!.finalizers);
      const made = (await this.objectsOf(request)).filter(({ metadata }) => metadata!.uid !== pod!.metadata!.uid);
      expectEqual('objects made', made.map(nameOf), []);
    } finally {
      await kubernetes.delete(Resources.pods, namespace, name, { gracePeriodSeconds: 0 });
    }
  }

  private async dies(
    request: SubmissionRequest,
    death: { readonly call: number; readonly when: 'before' | 'after' } | { readonly afterMs: number },
  ): Promise<void> {
    if ('call' in death) {
      const { client } = faultyKubernetes(this.options.kubernetes, death);
      // After its last call a process has nothing left to die of: it may return.
      await this.submit(request, { kubernetes: client }).catch(() => undefined);
      return;
    }
    const signal = AbortSignal.timeout(death.afterMs);
    await this.submit(request, { signal }).catch(() => undefined);
  }

  private async succeeds(request: SubmissionRequest, context: Partial<SubmitContext> = {}): Promise<CreatedDriver> {
    try {
      return await this.submit(request, context);
    } catch (error) {
      if (error instanceof ConformanceViolation) throw error;
      throw new ConformanceViolation(`a submission that can be made failed: ${String(error)}`, { cause: error });
    }
  }

  private async submit(request: SubmissionRequest, context: Partial<SubmitContext> = {}): Promise<CreatedDriver> {
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
      const told = () => {
        const violation = new ConformanceViolation(`it was told to give up, and had not ${GIVE_UP_WITHIN_MS} ms later`);
        timer = setTimeout(() => reject(violation), GIVE_UP_WITHIN_MS);
      };
      if (signal.aborted) told();
      else signal.addEventListener('abort', told, { once: true });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private request(asked: Asked = {}): SubmissionRequest {
    const { conf = {}, namespace = this.options.namespace, serviceAccount = 'spark', ...changes } = asked;
    this.count += 1;
    const name = `conformance-${Date.now().toString(36)}-${this.count}`;
    const manifest: SparkApplicationManifest = {
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'SparkApplication',
      metadata: { name, namespace, annotations: { 'temporal-spark/allow-literal-secrets': 'true' } },
      spec: {
        type: 'Scala',
        sparkVersion: '4.1.4',
        image: this.options.image,
        mainClass: 'org.example.Conformance',
        mainApplicationFile: 'local:///opt/conformance.jar',
        driver: { serviceAccount },
        executor: { instances: 1 },
      },
    };
    const application = parseSparkApplication(manifest);
    const identity = attemptIdentity({
      workflowId: sparkApplicationWorkflowId(namespace, name),
      firstRunId: 'conformance',
      attempt: 1,
      temporalNamespace: 'conformance',
      applicationName: name,
      driverPodName: driverPodName(manifest),
      submitTime: 0,
    });
    const submission = attemptSubmission(application, identity);
    return frozen({ submission: { ...submission, ...changes, conf: { ...submission.conf, ...conf } }, identity });
  }

  private async driver({ submission, identity }: SubmissionRequest): Promise<Pod> {
    const pod = await this.options.kubernetes.get(Resources.pods, submission.namespace, identity.driverPodName);
    if (pod === undefined) throw new ConformanceViolation(`there is no pod ${identity.driverPodName}`);
    return pod;
  }

  private objectsOf({ identity }: SubmissionRequest): Promise<KubernetesObject[]> {
    return this.objectsWith(identity.submissionId);
  }

  private async namesOf(request: SubmissionRequest): Promise<string[]> {
    return (await this.objectsOf(request)).map(nameOf);
  }

  private async elsewhere(request: SubmissionRequest): Promise<string[]> {
    const objects = await this.objectsOf(request);
    const { namespace } = request.submission;
    return objects.flatMap((object) =>
      object.metadata!.namespace === namespace ? [] : [`${nameOf(object)} in ${object.metadata!.namespace}`],
    );
  }

  /** What carries the submission ID, and what was created for it without, in the order of their names. */
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
      // What has the name of a pod that was refused need not be what was asked for.
      if (existing !== undefined && isSame(existing, object)) {
        found.set(uidOf(existing), { ...existing, ...kindOf(resource) });
      }
    }
    return [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
}

interface SubmitContext {
  readonly kubernetes: KubernetesClient;
  readonly signal: AbortSignal;
  readonly submitter: SparkApplicationSubmitter;
}

/** What a request has otherwise than the plain one. */
interface Asked extends Partial<Pick<SparkSubmission, 'conf' | 'namespace' | 'mainApplicationFile'>> {
  readonly serviceAccount?: string;
}

/** Something that takes each of the capabilities. */
const TAKES: Readonly<Record<SubmitterCapability, Asked>> = {
  [SubmitterCapability.SparkClient]: { conf: { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.Step' } },
  [SubmitterCapability.LocalFiles]: { mainApplicationFile: '/conformance/application.jar' },
};

/** What the API server refuses, and how. */
const REFUSALS = [
  ['Pod', KubernetesErrorType.Forbidden],
  ['Pod', KubernetesErrorType.Invalid],
  ['Pod', KubernetesErrorType.QuotaExceeded],
  ['Service', KubernetesErrorType.Forbidden],
] as const;

const KINDS: readonly Resource[] = [Resources.pods, Resources.services, Resources.configMaps, Resources.secrets];

const kindOf = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });
const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata!.name}`;
const uidOf = ({ metadata }: KubernetesObject): string => metadata!.uid!;

/** Whether an object is the one that was created, as far as labels tell. */
function isSame(existing: KubernetesObject, created: KubernetesObject): boolean {
  const labels = Object.entries(created.metadata?.labels ?? {});
  return labels.every(([key, value]) => existing.metadata?.labels?.[key] === value);
}

function unlessGone(error: unknown): void {
  if (!isKubernetesError(error, KubernetesErrorType.NotFound)) throw error;
}

function expectLabels({ identity }: SubmissionRequest, object: KubernetesObject): void {
  for (const [key, value] of Object.entries(identity.labels)) {
    expectEqual(`label ${key} of ${nameOf(object)}`, object.metadata!.labels?.[key], value);
  }
}

function expectKind(error: Error, retryable: boolean, what = 'the error'): void {
  const said = error as { readonly type?: unknown; readonly retryable?: unknown };
  expect(typeof said.type === 'string', `${what}: the error says no type`);
  expectEqual(`${what}: retryable`, said.retryable, retryable);
}

function expect(holds: boolean, violation: string): asserts holds {
  if (!holds) throw new ConformanceViolation(violation);
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(found === wanted, `${what}: ${found}, where ${wanted} was expected`);
}

async function failureOf(submission: Promise<unknown>, what: string): Promise<Error> {
  const error: unknown = await submission.then(
    (returned) => new ConformanceViolation(`${what} did not fail: it returned ${JSON.stringify(returned)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ConformanceViolation) throw error;
  expect(error instanceof Error, `${what} did not fail with an Error, but with ${JSON.stringify(error)}`);
  return error;
}

function reasons(results: readonly PromiseSettledResult<unknown>[]): string {
  return results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'returned')).join('; ');
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
