import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { checkPlacement } from '../../src/worker/check-placement.ts';
import { createSparkActivities } from '../../src/activities/index.ts';
import { connectKubernetes, Resources, type KubernetesClient, type Resource } from '../../src/kubernetes/index.ts';
import type { ConfigMap, KubernetesObject, Pod, PodTemplate } from '../../src/kubernetes/objects.ts';
import type { PlacementConfiguration, PresetName } from '../../src/placement/index.ts';
import { attemptIdentity } from '../../src/spark/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { createNamespace } from '../support/lab-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import type { SubmittedDriver } from '../../src/protocol/index.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { expectedNodes, presetClusters } from '../support/preset-clusters.ts';
import { POOLED_NODES } from '../support/pools.ts';
import { knownNamespace } from '../support/temporal-namespace.ts';

const APPLICATIONS = 300;
const SUBMISSIONS_AT_ONCE = 20;
const configuration: PlacementConfiguration = { pools: { compute: { labels: { 'node-pool': 'compute' } } } };

let lab: Lab;
let kubernetes: KubernetesClient;
let namespace: string;

beforeAll(async () => {
  lab = await startLab({ mode: 'simulated', temporal: false, nodes: POOLED_NODES });
  kubernetes = await connectKubernetes({ kubeconfig: lab.kubeconfig });
  namespace = await createNamespace({ lab, prefix: 'placement' });
});

afterAll(async () => {
  kubernetes?.close();
  await lab?.stop();
});

/** Submits as a worker does, with a real scheduler to find the nodes. */
async function submit(
  name: string,
  {
    placement,
    annotations = {},
    nodeSelector,
  }: {
    placement?: PlacementConfiguration;
    annotations?: Record<string, string>;
    nodeSelector?: Record<string, string>;
  } = {},
): Promise<SubmittedDriver> {
  const activities = createSparkActivities({ kubernetes, ...(placement === undefined ? {} : { placement }) });
  const manifest = sparkPi({ name, namespace, annotations: RUN_FOREVER });
  if (nodeSelector !== undefined) manifest.spec.nodeSelector = nodeSelector;
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/${name}`,
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: `${name}-driver`,
    submitTime: 0,
  });
  const input = { manifest: { ...manifest, metadata: { ...manifest.metadata, annotations } }, identity };
  const environment = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 30_000, scheduleToCloseTimeoutMs: 0 },
    { client: knownNamespace(), logger: new DefaultLogger('ERROR', () => undefined) },
  );
  const submitted = () => activities.submitSparkApplication(input);
  const answer: Awaited<ReturnType<typeof submitted>> = await environment.run(submitted);
  if (!('driverPodName' in answer)) throw new Error(`It was not submitted: ${JSON.stringify(answer)}.`);
  return answer;
}

async function all<T extends KubernetesObject>(resource: Resource<T>): Promise<T[]> {
  const items: T[] = [];
  const where = resource.namespaced ? namespace : undefined;
  for await (const page of kubernetes.list(resource, where)) items.push(...page);
  return items;
}

/** An executor as the driver would make it: from the template that the driver was given. */
async function startExecutor({ metadata, data }: ConfigMap): Promise<void> {
  const template = JSON.parse(data!['podspec-configmap-key']!) as PodTemplate;
  const [container] = template.spec!.containers;
  await kubernetes.create(Resources.pods, {
    ...template,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name: metadata!.name!.replace('-driver-podspec-conf-map', '-exec-1'),
      namespace,
      labels: { 'spark-role': 'executor', [Label.SubmissionId]: metadata!.labels![Label.SubmissionId]! },
    },
    spec: {
      ...template.spec,
      containers: [{ ...container!, image: 'spark', resources: { requests: { cpu: '100m', memory: '900Mi' } } }],
    },
  });
}

async function inPools<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: SUBMISSIONS_AT_ONCE }, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
    }),
  );
}

async function scheduled(count: number): Promise<Pod[]> {
  return eventually(`${count} pods to be scheduled`, async () => {
    const pods = await all(Resources.pods);
    return pods.filter(({ spec }) => spec?.nodeName !== undefined).length === count && pods;
  });
}

const poolOf = ({ spec }: Pod): string => spec!.nodeName!.replace(/-\d+$/, '');

describe('with a real scheduler and common pools', () => {
  it(`no driver or executor of ${APPLICATIONS} applications lands off the compute pool`, async () => {
    const names = Array.from({ length: APPLICATIONS }, (_, index) => `app-${index}`);
    await inPools(names, (name) => submit(name, { placement: configuration }));
    const templates = (await all(Resources.configMaps)).filter(
      ({ data }) => data?.['podspec-configmap-key'] !== undefined,
    );
    expect(templates).toHaveLength(APPLICATIONS);
    await inPools(templates, startExecutor);
    const pods = await scheduled(2 * APPLICATIONS);
    const roles = pods.map((pod) => `${pod.metadata!.labels!['spark-role']} on ${poolOf(pod)}`);
    expect(new Set(roles)).toEqual(new Set(['driver on compute', 'executor on compute']));
    const nodes = new Set(pods.map(({ spec }) => spec!.nodeName));
    expect([...nodes].sort()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `compute-${index}`));
    await Promise.all(pods.map(({ metadata }) => remove(metadata!.name!)));
  });

  it('without a configuration pods keep off the control plane and etcd, also where these have no taint', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `plain-${index}`);
    await inPools(names, (name) => submit(name));
    const pools = new Set((await scheduled(40)).map(poolOf));
    // The untainted storage node is allowed, because no label states its purpose.
    expect([...pools].filter((pool) => !['compute', 'storage-io'].includes(pool))).toEqual([]);
    await Promise.all(names.map((name) => remove(`${name}-driver`)));
  });

  it('keeps the pool without labels off the pools that have some', async () => {
    const rest: PlacementConfiguration = {
      pools: {
        'storage-io': { labels: { 'node-pool': 'storage-io' } },
        monitoring: { labels: { 'node-pool': 'monitoring' } },
      },
    };
    const names = Array.from({ length: 40 }, (_, index) => `rest-${index}`);
    await inPools(names, (name) => submit(name, { placement: rest }));
    expect(new Set((await scheduled(40)).map(poolOf))).toEqual(new Set(['compute']));
    await Promise.all(names.map((name) => remove(`${name}-driver`)));
  });

  it("is checked against the cluster's nodes when a worker starts", async () => {
    await checkPlacement(kubernetes, configuration);
    const mistaken = { pools: { compute: { labels: { 'node-pool': 'spark' } } } };
    await expect(checkPlacement(kubernetes, mistaken)).rejects.toThrow(
      /pools\.compute.*none of the cluster's 14 nodes.*node-pool=compute, /,
    );
  });

  it('reports with the result where the pods may run, and what prevents it', async () => {
    const zones = { profiles: { default: { driver: 'compute', executor: 'compute', zones: ['zone-z'] } } };
    const { placement } = await submit('nowhere', { placement: { ...configuration, ...zones } });
    expect(placement).toMatchObject({ profile: 'default', driverPool: 'compute', executorPool: 'compute' });
    expect(placement!.warnings).toHaveLength(2);
    expect(placement!.warnings![0]).toMatch(
      /driver fits no node: 0 of 14 nodes.*compute-\d: the pod asks for .*zone=zone-z, it has .*zone=zone-/,
    );
    const driver = await kubernetes.get(Resources.pods, namespace, 'nowhere-driver');
    expect(JSON.parse(driver!.metadata!.annotations!['temporal-spark/placement']!)).toMatchObject({
      profile: 'default',
    });
    await remove('nowhere-driver');
  });
});

describe('a preset, on the nodes that such a cluster has', () => {
  const OF_PRESET = 'test/preset';
  const presets = Object.keys(presetClusters) as PresetName[];

  beforeAll(async () => {
    await Promise.all(
      presets.flatMap((preset) =>
        [...presetClusters[preset].compute, ...presetClusters[preset].others].map((facts) => {
          const status = { allocatable: { cpu: '1000', memory: '4Ti', pods: '1000' } };
          return kubernetes.create(Resources.nodes, {
            apiVersion: 'v1',
            kind: 'Node',
            metadata: { name: `${preset}.${facts.name}`, labels: { ...facts.labels, [OF_PRESET]: preset } },
            spec: { taints: facts.taints.map((taint) => ({ ...taint })) },
            status: { ...status, capacity: status.allocatable },
          });
        }),
      ),
    );
    await eventually('the nodes to be ready', async () => {
      const nodes = await all(Resources.nodes);
      return nodes.every(({ spec }) => !spec?.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/')));
    });
  });

  const cases = presets.flatMap((preset) =>
    Object.entries(expectedNodes(presetClusters[preset])).map(([profile, expected]) => ({ preset, profile, expected })),
  );

  it.each(cases)('$preset, profile $profile: pods land on its nodes and no other', async (given) => {
    const { preset, profile, expected } = given;
    const names = [1, 2, 3, 4].map((index) => `${preset}-${profile}-${index}`);
    // The user's own selector selects one of the clusters that share this one; it is kept in addition to the preset's.
    const nodeSelector = { [OF_PRESET]: preset };
    const annotations = { 'temporal-spark/placement-profile': profile };
    await inPools(names, (name) => submit(name, { placement: { preset }, annotations, nodeSelector }));
    const templates = (await all(Resources.configMaps)).filter(
      ({ metadata, data }) =>
        data?.['podspec-configmap-key'] !== undefined && metadata!.name!.startsWith(`${preset}-${profile}-`),
    );
    await inPools(templates, startExecutor);
    try {
      const pods = await scheduled(2 * names.length);
      for (const [index, role] of ['driver', 'executor'].entries()) {
        const its = pods.filter(({ metadata }) => metadata!.labels!['spark-role'] === role);
        const elsewhere = its
          .map(({ spec }) => spec!.nodeName!.replace(`${preset}.`, ''))
          .filter((node) => !expected[index]!.includes(node));
        expect({ role, count: its.length, elsewhere }).toEqual({ role, count: names.length, elsewhere: [] });
      }
    } finally {
      await Promise.all((await all(Resources.pods)).map(({ metadata }) => remove(metadata!.name!)));
      await Promise.all(
        templates.map(({ metadata }) => kubernetes.delete(Resources.configMaps, namespace, metadata!.name!)),
      );
    }
  });

  afterAll(async () => {
    for (const preset of presets) {
      const { compute, others } = presetClusters[preset];
      await Promise.all(
        [...compute, ...others].map(({ name }) => kubernetes.delete(Resources.nodes, undefined, `${preset}.${name}`)),
      );
    }
  });
});

describe('a cluster of one node that is its control plane', () => {
  beforeAll(async () => {
    const others = POOLED_NODES.map(({ name }) => name).filter((name) => name !== 'control-plane-0');
    await Promise.all(others.map((name) => kubernetes.delete(Resources.nodes, undefined, name)));
    await eventually('the view of the nodes to follow', async () => {
      const lease = kubernetes.watch(Resources.nodes, undefined, '');
      await lease.ready;
      lease.release();
      return lease.list().length === 1;
    });
  });

  it('is rejected, with what to do', async () => {
    await expect(submit('refused')).rejects.toMatchObject({
      type: 'PlacementRefused',
      nonRetryable: true,
      message: expect.stringMatching(/only node.*control-plane-0.*"single-node"/) as string,
    });
    expect(await kubernetes.get(Resources.pods, namespace, 'refused-driver')).toBeUndefined();
  });

  it('works with the profile single-node', async () => {
    const annotations = { 'temporal-spark/placement-profile': 'single-node' };
    const { placement } = await submit('granted', { annotations });
    expect(placement).toMatchObject({ profile: 'single-node', driverPool: 'any' });
    expect((await scheduled(1)).map(({ spec }) => spec!.nodeName)).toEqual(['control-plane-0']);
  });
});

/** Deleted by force, without waiting for finalizers: no test waits for these drivers. */
async function remove(name: string): Promise<void> {
  await kubernetes.patch(Resources.pods, namespace, name, 'application/merge-patch+json', {
    metadata: { finalizers: null },
  });
  await kubernetes.delete(Resources.pods, namespace, name, { gracePeriodSeconds: 0 });
}
