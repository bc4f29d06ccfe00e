import { afterEach, describe, expect, it } from 'vitest';
import { Resources, type KubernetesClient, type Resource } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseSparkApplication } from '../../src/manifest/index.ts';
import { attemptIdentity } from '../../src/spark/attempt.ts';
import { attemptSubmission, buildDriverObjects } from '../../src/spark/index.ts';
import { sharedConfiguration, sharedNames } from '../../src/submitters/shared-configuration.ts';
import { BatchSubmitter, NativeSubmitter, type SubmissionRequest } from '../../src/submitters/index.ts';
import { faultyKubernetes } from '../../src/testing/faulty-kubernetes.ts';
import { submitterConformance } from '../../src/testing/index.ts';
import { createNamespace } from '../support/lab-fixture.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from '../support/manifests.ts';

const cluster = useCluster('batch');
const signal = new AbortController().signal;

/** Applications that differ in their names, of which nothing runs: their scheduler does not exist. */
function requestOf(
  name: string,
  namespace = cluster.env.namespace,
  conf: Record<string, string> = {},
): SubmissionRequest {
  const manifest = sparkPi({ name, namespace });
  manifest.spec.driver.schedulerName = 'nobody';
  const application = parseSparkApplication(manifest);
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/${name}`,
    firstRunId: 'batch',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: `${name}-driver`,
    submitTime: 0,
  });
  const submission = attemptSubmission(application, identity);
  return { submission: { ...submission, conf: { ...submission.conf, ...conf } }, identity };
}

const requests = (prefix: string, count: number, namespace?: string) =>
  Array.from({ length: count }, (_, index) => requestOf(`${prefix}-${index}`, namespace));

async function named<T extends KubernetesObject>(
  resource: Resource<T>,
  prefix: string,
  namespace: string,
): Promise<T[]> {
  const found: T[] = [];
  for await (const page of cluster.env.kubernetes.list(resource, namespace)) found.push(...page);
  return found.filter(({ metadata }) => metadata!.name!.startsWith(`${prefix}-`));
}

async function objects(prefix: string, namespace = cluster.env.namespace) {
  const [pods, configMaps] = await Promise.all([
    named(Resources.pods, prefix, namespace),
    named(Resources.configMaps, prefix, namespace),
  ]);
  return { pods, configMaps };
}

/** Every driver finds what it mounts, and that belongs to it. */
async function expectWhole(prefix: string, namespace?: string): Promise<void> {
  const { pods, configMaps } = await objects(prefix, namespace);
  for (const { metadata, spec } of pods) {
    const names = spec!.volumes!.flatMap(({ configMap }) => configMap?.name ?? []);
    const mounted = configMaps.filter(({ metadata: { name } = {} }) => names.includes(name!));
    expect(mounted.map(({ metadata: { name } = {} }) => name)).toEqual(names);
    for (const configMap of mounted) {
      expect(configMap.metadata!.ownerReferences?.map(({ uid }) => uid)).toContain(metadata!.uid);
    }
  }
}

/** The same client, counting what it writes. */
function counting(kubernetes: KubernetesClient): { readonly client: KubernetesClient; writes: number } {
  const counted = { writes: 0, client: kubernetes };
  const count = (name: 'create' | 'patch') => ({
    value: (...args: never[]) => {
      counted.writes += 1;
      return (kubernetes[name] as (...args: never[]) => Promise<unknown>)(...args);
    },
  });
  counted.client = Object.create(kubernetes, { create: count('create'), patch: count('patch') }) as KubernetesClient;
  return counted;
}

afterEach(async () => {
  const { kubernetes, namespace } = cluster.env;
  for await (const page of kubernetes.list(Resources.pods, namespace)) {
    for (const { metadata } of page) {
      const patch = { metadata: { finalizers: null } };
      await kubernetes.patch(Resources.pods, namespace, metadata!.name!, 'application/merge-patch+json', patch);
      await kubernetes.delete(Resources.pods, namespace, metadata!.name!, { gracePeriodSeconds: 0 });
    }
  }
});

const names = submitterConformance({
  submitter: () => new BatchSubmitter(),
  kubernetes: undefined as never,
  namespace: '',
}).map(({ name }) => name);

describe.each([
  ['with a worker each', () => new BatchSubmitter()],
  [
    'in one window',
    (
      (submitter) => () =>
        submitter
    )(new BatchSubmitter()),
  ],
])('the batch submitter, %s,', (_, submitter) => {
  it.each(names)('%s', async (name) => {
    const { kubernetes, namespace } = cluster.env;
    await submitterConformance({ submitter, kubernetes, namespace })
      .find((check) => check.name === name)!
      .run();
  });
});

describe('a window', () => {
  it('writes one configuration for all that have the same, in each namespace', async () => {
    const other = await createNamespace({ prefix: 'batch-other' });
    const counter = counting(cluster.env.kubernetes);
    const batch = new BatchSubmitter({ windowMs: 2_000, windowSize: 24 });
    const created = await Promise.all(
      [...requests('same', 20), ...requests('same', 4, other)].map((request) =>
        batch.submit(request, { kubernetes: counter.client, signal }),
      ),
    );
    expect(new Set(created.map(({ driverPodUid }) => driverPodUid)).size).toBe(24);
    const here = await objects('same');
    expect(here.pods).toHaveLength(20);
    expect(here.configMaps).toHaveLength(1);
    expect(here.configMaps[0]!.metadata!.ownerReferences).toHaveLength(20);
    expect((await objects('same', other)).configMaps).toHaveLength(1);
    await expectWhole('same');
    await expectWhole('same', other);
    // A pod, a Service and a ConfigMap each would be 72.
    expect(counter.writes).toBeLessThanOrEqual(0.75 * 72);
  });

  it.each(['another content', 'the same content, which is mutable'])(
    'leaves a ConfigMap alone that has the name of its configuration, and %s',
    async (content) => {
      const { kubernetes } = cluster.env;
      const namespace = await createNamespace({ prefix: 'batch-foreign' });
      const both = requests('foreign', 2, namespace);
      const shared = sharedConfiguration(buildDriverObjects(both[0]!.submission, both[0]!.identity), both[0]!)!;
      const [name] = sharedNames(shared);
      const foreign = await kubernetes.create(Resources.configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: name!, namespace },
        data:
          content === 'another content'
            ? { 'spark.properties': 'spark.driver.memory=9g' }
            : shared.configMaps[0]!.data!,
        immutable: content === 'another content',
      });
      const batch = new BatchSubmitter({ windowMs: 60_000, windowSize: 2 });
      const results = await Promise.allSettled(both.map((request) => batch.submit(request, { kubernetes, signal })));
      // The second of them goes without the first.
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect((results[0] as PromiseRejectedResult).reason).toMatchObject({
        type: 'Conflict',
        retryable: true,
        message: expect.stringContaining(
          `ConfigMap ${namespace}/${name} exists and does not hold the configuration`,
        ) as string,
      });
      const still = await kubernetes.get(Resources.configMaps, namespace, name!);
      expect(still).toMatchObject({ metadata: { uid: foreign.metadata!.uid }, data: foreign.data });
      expect(still!.metadata!.ownerReferences).toBeUndefined();
    },
  );

  it('gives each application its own result', async () => {
    const { kubernetes, namespace } = cluster.env;
    const batch = new BatchSubmitter({ windowMs: 2_000, windowSize: 6 });
    const taken = requestOf('mixed-taken');
    await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: taken.identity.driverPodName, namespace },
      spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'other' }] },
    });
    const aborted = AbortSignal.abort(new Error('given up'));
    const good = requests('mixed', 3);
    const results = await Promise.allSettled([
      // The first of its configuration fails: another takes its place.
      batch.submit(taken, { kubernetes, signal }),
      ...good.map((request) => batch.submit(request, { kubernetes, signal })),
      batch.submit(requestOf('mixed-nowhere', 'no-such-namespace'), { kubernetes, signal }),
      batch.submit(requestOf('mixed-invalid', namespace, { 'spark.driver.memory': 'lots' }), { kubernetes, signal }),
      batch.submit(requestOf('mixed-aborted'), { kubernetes, signal: aborted }),
      batch.submit(requestOf('mixed-other', namespace, { 'spark.ui.enabled': 'false' }), { kubernetes, signal }),
    ]);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
    const reasons = results.map((result) =>
      result.status === 'rejected' ? (result.reason as Error & { type?: string }) : undefined,
    );
    expect(reasons[0]!.type).toBe('DriverNameConflict');
    expect(reasons[4]!.type).toBe('NamespaceNotFound');
    expect(reasons[6]!.message).toBe('given up');
    await expectWhole('mixed');
    expect((await objects('mixed')).configMaps).toHaveLength(2);
  });

  it('of which the process dies at any call is completed by separate tries, of any worker', async () => {
    const { kubernetes } = cluster.env;
    const submitTogether = (batch: BatchSubmitter, prefix: string, client: KubernetesClient) =>
      Promise.allSettled(requests(prefix, 3).map((request) => batch.submit(request, { kubernetes: client, signal })));
    const counter = faultyKubernetes(kubernetes);
    await submitTogether(new BatchSubmitter({ windowSize: 3 }), 'count', counter.client);
    expect(counter.calls).toBeGreaterThan(8);
    for (let call = 1; call <= counter.calls; call++) {
      for (const when of ['before', 'after'] as const) {
        const prefix = `died-${call}-${when}`;
        const { client } = faultyKubernetes(kubernetes, { call, when });
        await submitTogether(new BatchSubmitter({ windowSize: 3 }), prefix, client);
        // In another window, alone, and by another submitter.
        const [one, two, three] = requests(prefix, 3) as [SubmissionRequest, SubmissionRequest, SubmissionRequest];
        const again = new BatchSubmitter({ windowSize: 2 });
        const context = { kubernetes, signal };
        await Promise.all([again.submit(three, context), again.submit(one, context)]);
        await new NativeSubmitter().submit(two, context);
        expect((await objects(prefix)).pods).toHaveLength(3);
        await expectWhole(prefix);
      }
    }
  });

  it('is deleted by Kubernetes after the last of its drivers', async () => {
    const { kubernetes, namespace } = cluster.env;
    const batch = new BatchSubmitter({ windowSize: 2 });
    const both = requests('gone', 2);
    await Promise.all(both.map((request) => batch.submit(request, { kubernetes, signal })));
    const remove = async ({ identity: { driverPodName } }: SubmissionRequest) => {
      await kubernetes.patch(Resources.pods, namespace, driverPodName, 'application/merge-patch+json', {
        metadata: { finalizers: null },
      });
      await kubernetes.delete(Resources.pods, namespace, driverPodName, { gracePeriodSeconds: 0 });
    };
    await remove(both[0]!);
    await eventually(
      'the first Service to go',
      async () => (await named(Resources.services, 'gone-0', namespace)).length === 0,
    );
    expect((await objects('gone')).configMaps).toHaveLength(1);
    await remove(both[1]!);
    await eventually('the configuration to go', async () => (await objects('gone')).configMaps.length === 0);
  });

  it('is submitted by workflows', async () => {
    const { env, pi } = cluster;
    await withWorker(
      env,
      async () => {
        const running = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            env.spark.start(pi(`flow-${index}`, { 'lab.temporal-spark/run-seconds': '1' })),
          ),
        );
        const results = await Promise.all(running.map((application) => application.result()));
        expect(results.map(({ state }) => state)).toEqual(results.map(() => 'COMPLETED'));
        expect((await objects('flow')).configMaps.length).toBeLessThan(12);
      },
      { submitter: new BatchSubmitter({ windowMs: 200 }) },
    );
  });
});
