import { Resources, type KubernetesClient, type Resource } from '../kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../manifest/index.ts';
import { attemptIdentity } from '../spark/attempt.ts';
import { attemptSubmission } from '../spark/index.ts';
import { driverPodName } from '../spark/driver-pod-name.ts';
import { Label } from '../spark/metadata.ts';
import type { CreatedDriver, SparkApplicationSubmitter, SubmissionRequest } from '../submitters/index.ts';
import { Died, faultyKubernetes } from './faulty-kubernetes.ts';

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

/** Must not turn up in any error. */
const SECRET = 'c0nf0rmance-s3cret';

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
    check('makes everything else belong to the driver and carry its submission ID', () => suite.owns()),
    check('is idempotent: the same request again finds the same driver', () => suite.repeats()),
    check('makes one driver of requests at the same time', () => suite.concurs()),
    check('completes what a process left that died at any point', () => suite.survives()),
    check('refuses a name that another pod has, and leaves that alone', () => suite.respects()),
    check('gives up when it is told to', () => suite.givesUp()),
    check('leaves nothing behind of a submission that can not be made', () => suite.refuses()),
    check('changes nothing of its request', () => suite.leavesTheRequest()),
    check('tells no secret in its errors', () => suite.keepsSecrets()),
  ];
}

class Conformance {
  private readonly options: Required<Omit<ConformanceOptions, 'submitter'>> & Pick<ConformanceOptions, 'submitter'>;
  private readonly made = new Set<string>();
  private count = 0;

  constructor(options: ConformanceOptions) {
    this.options = { image: 'spark:4.1.4', patienceMs: 10_000, usesClient: true, ...options };
  }

  async obeys(): Promise<void> {
    const request = this.request();
    const created = await this.submit(request);
    const pod = await this.driver(request);
    expectEqual('driverPodName', created.driverPodName, request.identity.driverPodName);
    expectEqual('driverPodUid', created.driverPodUid, pod.metadata!.uid);
    expectEqual('sparkApplicationId', created.sparkApplicationId, request.identity.sparkApplicationId);
    expectEqual('adopted', created.adopted, false);
    for (const [key, value] of Object.entries(request.identity.labels)) {
      expectEqual(`label ${key} of the driver`, pod.metadata!.labels?.[key], value);
    }
    for (const [key, value] of Object.entries(request.identity.annotations)) {
      expectEqual(`annotation ${key} of the driver`, pod.metadata!.annotations?.[key], value);
    }
    for (const finalizer of request.identity.finalizers) {
      expect(pod.metadata!.finalizers?.includes(finalizer) === true, `the driver lacks the finalizer ${finalizer}`);
    }
  }

  async owns(): Promise<void> {
    const request = this.request();
    await this.submit(request);
    const { uid } = (await this.driver(request)).metadata!;
    const dependents = (await this.objectsOf(request)).filter(({ kind }) => kind !== 'Pod');
    expect(dependents.length > 0, 'a driver needs a Service and a ConfigMap, and there is neither');
    for (const { kind, metadata } of dependents) {
      const owners = metadata!.ownerReferences?.map((owner) => owner.uid);
      expectEqual(`owners of ${kind} ${metadata!.name}`, owners, [uid]);
    }
  }

  async repeats(): Promise<void> {
    const request = this.request();
    const first = await this.submit(request);
    const before = await this.namesOf(request);
    const again = await this.submit(request);
    expectEqual('driverPodUid of the repetition', again.driverPodUid, first.driverPodUid);
    expectEqual('adopted', again.adopted, true);
    expectEqual('the objects there are', await this.namesOf(request), before);
  }

  async concurs(): Promise<void> {
    const request = this.request();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => this.submit(request)));
    const created = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(created.length > 0, `none of four submissions at the same time returned: ${reasons(results)}`);
    const drivers = (await this.objectsOf(request)).filter(({ kind }) => kind === 'Pod');
    expectEqual('drivers', drivers.length, 1);
    expectEqual('UIDs returned', new Set(created.map(({ driverPodUid }) => driverPodUid)).size, 1);
    // Whoever lost may be tried again.
    await this.submit(request);
  }

  async survives(): Promise<void> {
    const whole = this.request();
    const counting = faultyKubernetes(this.options.kubernetes);
    const begun = Date.now();
    await this.submit(whole, { kubernetes: counting.client });
    const tookMs = Date.now() - begun;
    const complete = (await this.namesOf(whole)).length;
    await this.cleanUp();
    const deaths = this.options.usesClient
      ? Array.from({ length: counting.calls }, (_, index) => index + 1).flatMap((call) =>
          (['before', 'after'] as const).map((when) => ({ call, when })),
        )
      : [0.2, 0.4, 0.6, 0.8, 1].map((part) => ({ afterMs: part * tookMs }));
    for (const death of deaths) {
      const request = this.request();
      await this.dies(request, death);
      await this.submit(request);
      const names = await this.namesOf(request);
      expectEqual(`objects after it died ${JSON.stringify(death)} and was tried again`, names.length, complete);
      await this.cleanUp();
    }
  }

  async respects(): Promise<void> {
    const request = this.request();
    const { namespace, kubernetes } = this.options;
    const stranger = await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: request.identity.driverPodName, namespace, labels: { 'conformance.test/stranger': 'true' } },
      spec: { serviceAccountName: 'spark', containers: [{ name: 'main', image: this.options.image }] },
    });
    this.made.add(request.identity.submissionId);
    const error = await failureOf(this.submit(request), 'a submission under a name that another pod has');
    expectEqual('type of the error', (error as { type?: string }).type, 'DriverNameConflict');
    expectEqual('retryable', (error as { retryable?: boolean }).retryable, false);
    const pod = await kubernetes.get(Resources.pods, namespace, request.identity.driverPodName);
    expectEqual('UID of the other pod', pod?.metadata?.uid, stranger.metadata!.uid);
    expectEqual('objects made', await this.namesOf(request), []);
    await kubernetes.delete(Resources.pods, namespace, request.identity.driverPodName, { gracePeriodSeconds: 0 });
  }

  async givesUp(): Promise<void> {
    const request = this.request();
    const begun = Date.now();
    await failureOf(this.submit(request, { signal: AbortSignal.abort(new Died()) }), 'an aborted submission');
    expect(Date.now() - begun < 5_000, `it took ${Date.now() - begun} ms to give up`);
    await this.submit(request);
  }

  async refuses(): Promise<void> {
    const request = this.request({ 'spark.driver.memory': 'lots' });
    const error = await failureOf(this.submit(request), 'a submission with spark.driver.memory=lots');
    expectEqual('retryable', (error as { retryable?: boolean }).retryable, false);
    expect(typeof (error as { type?: unknown }).type === 'string', 'the error says no type');
    expectEqual('objects made', await this.namesOf(request), []);
  }

  async leavesTheRequest(): Promise<void> {
    const request = this.request();
    const before = JSON.stringify(request);
    await this.submit(request);
    expectEqual('the request', JSON.stringify(request), before);
  }

  async keepsSecrets(): Promise<void> {
    const secret = { 'spark.hadoop.fs.s3a.secret.key': SECRET };
    const refused = this.request({ ...secret, 'spark.driver.memory': 'lots' });
    const failing = this.request(secret, 'no-such-namespace-for-conformance');
    for (const request of [refused, failing]) {
      const error = await failureOf(this.submit(request), 'a submission that can not be made');
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
        const told = `${cause.message}\n${cause.stack}\n${JSON.stringify(cause)}`;
        expect(!told.includes(SECRET), `${cause.name} tells the value of spark.hadoop.fs.s3a.secret.key`);
      }
    }
  }

  /** Removes what the checks made. */
  async cleanUp(): Promise<void> {
    const { kubernetes, namespace } = this.options;
    for (const submissionId of this.made) {
      for (const { kind, metadata } of await this.objectsWith(submissionId)) {
        const resource = KINDS.find((known) => known.kind === kind)!;
        const name = metadata!.name!;
        if (metadata!.finalizers !== undefined) {
          await kubernetes.patch(resource, namespace, name, 'application/merge-patch+json', {
            metadata: { finalizers: null },
          });
        }
        await kubernetes.delete(resource, namespace, name, { gracePeriodSeconds: 0 });
      }
    }
    this.made.clear();
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

  private async submit(
    request: SubmissionRequest,
    context: { kubernetes?: KubernetesClient; signal?: AbortSignal } = {},
  ): Promise<CreatedDriver> {
    const { kubernetes, patienceMs, submitter } = this.options;
    this.made.add(request.identity.submissionId);
    return submitter().submit(request, { kubernetes, signal: AbortSignal.timeout(patienceMs), ...context });
  }

  private request(conf: Record<string, string> = {}, namespace = this.options.namespace): SubmissionRequest {
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
        driver: { serviceAccount: 'spark' },
        executor: { instances: 1 },
      },
    };
    const application = parseSparkApplication(manifest);
    const identity = attemptIdentity({
      workflowId: `spark/${namespace}/${name}`,
      firstRunId: 'conformance',
      attempt: 1,
      temporalNamespace: 'conformance',
      applicationName: name,
      driverPodName: driverPodName(manifest),
      submitTime: 0,
    });
    const submission = attemptSubmission(application, identity);
    return frozen({ submission: { ...submission, conf: { ...submission.conf, ...conf } }, identity });
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
    return (await this.objectsOf(request)).map(({ kind, metadata }) => `${kind} ${metadata!.name}`).sort();
  }

  private async objectsWith(submissionId: string): Promise<KubernetesObject[]> {
    const { kubernetes, namespace } = this.options;
    const found: KubernetesObject[] = [];
    for (const resource of KINDS) {
      const labelSelector = `${Label.SubmissionId}=${submissionId}`;
      for await (const page of kubernetes.list<KubernetesObject>(resource, namespace, { labelSelector })) {
        found.push(...page.map((object) => ({ ...object, kind: resource.kind })));
      }
    }
    return found;
  }
}

const KINDS: readonly Resource[] = [Resources.pods, Resources.services, Resources.configMaps, Resources.secrets];

function expect(holds: boolean, violation: string): asserts holds {
  if (!holds) throw new ConformanceViolation(violation);
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(found === wanted, `${what}: ${found}, where ${wanted} was expected`);
}

async function failureOf(submission: Promise<unknown>, what: string): Promise<Error> {
  const error: unknown = await submission.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error instanceof Error, `${what} did not fail with an Error`);
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
