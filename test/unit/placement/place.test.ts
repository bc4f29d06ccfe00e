import { describe, expect, it } from 'vitest';
import { buildDriverObjects, type SparkSubmission } from '../../../src/spark/index.ts';
import { parsePlacement, place, PlacementRefused, type NodeFacts } from '../../../src/placement/index.ts';
import type { PodTemplate } from '../../../src/kubernetes/objects.ts';
import { identity, submission } from '../spark/fixtures.ts';
import { CONTROL_PLANE, ETCD, node } from './nodes.ts';

const AWAY = [
  { key: 'node-role.kubernetes.io/control-plane', operator: 'DoesNotExist' },
  { key: 'node-role.kubernetes.io/master', operator: 'DoesNotExist' },
  { key: 'node-role.kubernetes.io/etcd', operator: 'DoesNotExist' },
];

interface Given {
  readonly configuration?: unknown;
  readonly profile?: string;
  readonly nodes?: readonly NodeFacts[];
}

function placed(given: SparkSubmission, { configuration, profile, nodes }: Given = {}) {
  return place(given, {
    placement: parsePlacement(configuration),
    ...(profile === undefined ? {} : { profile }),
    ...(nodes === undefined ? {} : { nodes }),
    attemptLabels: identity.labels,
  });
}

const withDriver = (spec: object, conf: Record<string, string> = {}): SparkSubmission => ({
  ...submission,
  conf: { ...submission.conf, ...conf },
  driverPodTemplate: { spec: { containers: [{ name: 'spark' }], ...spec } },
});

const termsOf = ({ spec }: PodTemplate) =>
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

const requiredTerms = (...terms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
});

describe('without a configuration', () => {
  it('keeps driver and executors away from the control plane and etcd, and asks nothing else', () => {
    const { submission: result, decision } = placed(submission);
    expect(termsOf(result.driverPodTemplate)).toEqual([{ matchExpressions: AWAY }]);
    expect(termsOf(result.executorPodTemplate!)).toEqual([{ matchExpressions: AWAY }]);
    expect(result.driverPodTemplate.spec!.tolerations).toBeUndefined();
    expect(decision).toEqual({
      profile: 'default',
      driverPool: 'compute',
      executorPool: 'compute',
      reason: 'default profile: pool compute, away from the control plane',
    });
  });

  it('writes the decision onto the driver pod, and it reaches the pod', () => {
    const { submission: result, decision } = placed(submission);
    const { pod, dependents } = buildDriverObjects(result, identity);
    expect(JSON.parse(pod.metadata!.annotations!['temporal-spark/placement']!)).toEqual(decision);
    expect(termsOf(pod)).toEqual([{ matchExpressions: AWAY }]);
    expect(pod.spec!.containers.map(({ name }) => name)).toEqual(['spark-kubernetes-driver']);
    expect(JSON.stringify(dependents)).toContain('podspec-configmap-key');
  });
});

describe('what the application itself asks for', () => {
  it('stays: our requirement joins every alternative, tolerations and other affinity are kept', () => {
    const toleration = { key: 'gpu', operator: 'Exists' };
    const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }];
    const affinity = requiredTerms(
      { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
      { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] },
      {},
    ).affinity.nodeAffinity;
    const given = withDriver({
      tolerations: [toleration],
      nodeSelector: { arch: 'arm' },
      affinity: {
        nodeAffinity: { ...affinity, preferredDuringSchedulingIgnoredDuringExecution: preferred },
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
      },
    });
    const spec = placed(given).submission.driverPodTemplate.spec!;
    expect(spec).toMatchObject({ nodeSelector: { arch: 'arm' }, tolerations: [toleration] });
    expect(spec.affinity!.podAntiAffinity).toBeDefined();
    expect(spec.affinity!.nodeAffinity!.preferredDuringSchedulingIgnoredDuringExecution).toEqual(preferred);
    expect(termsOf({ spec })).toEqual([
      { matchExpressions: [{ key: 'gpu', operator: 'Exists' }, ...AWAY] },
      { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }], matchExpressions: AWAY },
      {}, // matches nothing, and must not begin to
    ]);
    expect(
      given.driverPodTemplate.spec!.affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution,
    ).toEqual(affinity.requiredDuringSchedulingIgnoredDuringExecution);
  });

  const nodes = [node('cp-1', CONTROL_PLANE), node('etcd-1', ETCD), node('work-1')];
  it.each<[string, SparkSubmission]>([
    ['a nodeSelector', withDriver({ nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } })],
    [
      "Spark's node selector",
      withDriver({}, { 'spark.kubernetes.node.selector.node-role.kubernetes.io/master': 'true' }),
    ],
    [
      'one of the alternatives of its affinity',
      withDriver(
        requiredTerms(
          { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
          { matchExpressions: [{ key: 'node-role.kubernetes.io/etcd', operator: 'Exists' }] },
        ),
      ),
    ],
    ['the host name of such a node', withDriver({ nodeSelector: { 'kubernetes.io/hostname': 'cp-1' } })],
    ['nodeName', withDriver({ nodeName: 'cp-1' })],
    [
      'the name in matchFields',
      withDriver(requiredTerms({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['etcd-1'] }] })),
    ],
  ])('is refused where %s means the control plane, with the three exceptions', (_, given) => {
    expect(() => placed(given, { nodes })).toThrow(PlacementRefused);
    expect(() => placed(given, { nodes })).toThrow(
      /driver would run on the control plane.*"single-node".*"demo".*"ci"/,
    );
  });

  it('is refused for executors as for drivers', () => {
    const given = withDriver(
      {},
      { 'spark.kubernetes.executor.node.selector.node-role.kubernetes.io/control-plane': 'x' },
    );
    expect(() => placed(given)).toThrow(/The executor would run on the control plane/);
  });

  it('is refused where it contradicts the pool, and names the pool that fits', () => {
    const configuration = { pools: { compute: { labels: { pool: 'spark' } }, gpu: { labels: { pool: 'gpu' } } } };
    const given = withDriver({ nodeSelector: { pool: 'gpu' } });
    expect(() => placed(given, { configuration })).toThrow(
      /asks for pool=gpu, pool "compute" for pool=spark.*placement-profile \(pool "gpu" fits\)/,
    );
  });

  it('wins over the priority class and annotations of the profile', () => {
    const configuration = {
      profiles: {
        default: {
          driver: 'compute',
          executor: 'compute',
          priorityClassName: { driver: 'ours', executor: 'ours' },
          doNotDisrupt: { driver: true },
        },
      },
    };
    const safe = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
    const given: SparkSubmission = {
      ...submission,
      driverPodTemplate: {
        metadata: { annotations: { [safe]: 'true' } },
        spec: { containers: [], priorityClassName: 'mine' },
      },
    };
    const { driverPodTemplate, executorPodTemplate } = placed(given, { configuration }).submission;
    expect(driverPodTemplate).toMatchObject({
      metadata: { annotations: { [safe]: 'true' } },
      spec: { priorityClassName: 'mine' },
    });
    expect(executorPodTemplate!.spec).toMatchObject({ priorityClassName: 'ours' });
    expect(placed(submission, { configuration }).submission.driverPodTemplate.metadata!.annotations).toMatchObject({
      [safe]: 'false',
    });
  });
});

describe('a profile', () => {
  const pools = {
    drivers: { labels: { pool: 'drivers' } },
    spot: {
      labels: { pool: 'spot' },
      taints: [{ key: 'spot', effect: 'NoSchedule' }],
      tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
    },
  };
  const profiled = (zones: unknown) =>
    placed(submission, {
      configuration: { pools, profiles: { cheap: { driver: 'drivers', executor: 'spot', zones } } },
      profile: 'cheap',
    });

  it('puts drivers and executors on pools of their own', () => {
    const { submission: result, decision } = profiled('any');
    const expression = (pool: string) => ({ key: 'pool', operator: 'In', values: [pool] });
    expect(termsOf(result.driverPodTemplate)![0]!.matchExpressions).toContainEqual(expression('drivers'));
    expect(termsOf(result.executorPodTemplate!)![0]!.matchExpressions).toContainEqual(expression('spot'));
    expect(result.driverPodTemplate.spec!.tolerations).toBeUndefined();
    expect(result.executorPodTemplate!.spec!.tolerations).toEqual(pools.spot.tolerations);
    expect(decision).toMatchObject({ profile: 'cheap', driverPool: 'drivers', executorPool: 'spot' });
    expect(decision.reason).toContain('drivers on pool drivers, executors on pool spot');
  });

  it('limits zones, spreads executors over them, or keeps them near the driver', () => {
    const limited = profiled(['a', 'b']).submission;
    for (const template of [limited.driverPodTemplate, limited.executorPodTemplate!]) {
      expect(termsOf(template)![0]!.matchExpressions).toContainEqual({
        key: 'topology.kubernetes.io/zone',
        operator: 'In',
        values: ['a', 'b'],
      });
    }
    const spread = profiled('spread').submission;
    expect(spread.executorPodTemplate!.spec!.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ]);
    expect(spread.driverPodTemplate.spec!.topologySpreadConstraints).toBeUndefined();
    const near = profiled('same').submission.executorPodTemplate!.spec!.affinity!.podAffinity;
    expect(near!.preferredDuringSchedulingIgnoredDuringExecution).toMatchObject([
      { weight: 100, podAffinityTerm: { labelSelector: { matchLabels: identity.labels } } },
    ]);
  });

  it('that is unknown is rejected with the known ones', () => {
    expect(() => placed(submission, { profile: 'spto' })).toThrow(
      /Unknown placement profile "spto".*default, single-node, demo, ci/,
    );
  });
});

describe('the exceptions', () => {
  const single = [node('only', CONTROL_PLANE)];

  it('a cluster with only its control plane rejects applications by default, and the error states what to do', () => {
    expect(() => placed(submission, { nodes: single })).toThrow(
      /The only node of this cluster \(only\) belongs to its control plane.*"single-node"/,
    );
  });

  it('an autoscaled pool may still get its first node', () => {
    const configuration = { pools: { compute: { labels: { pool: 'spark' }, autoscaled: true } } };
    expect(placed(submission, { configuration, nodes: single }).decision.driverPool).toBe('compute');
  });

  it('single-node tolerates the control plane, and asks nothing of the node', () => {
    const { submission: result, decision } = placed(submission, { profile: 'single-node', nodes: single });
    expect(termsOf(result.driverPodTemplate)).toBeUndefined();
    expect(result.driverPodTemplate.spec!.tolerations).toContainEqual({
      key: 'node-role.kubernetes.io/control-plane',
      operator: 'Exists',
    });
    expect(decision).toMatchObject({ profile: 'single-node', driverPool: 'any' });
    expect(decision.reason).toContain('kind, minikube');
  });

  const many = (count: number, labels = {}) => Array.from({ length: count }, (_, index) => node(`n-${index}`, labels));
  it.each([
    ['single-node', many(2), 'this cluster has 2 nodes'],
    ['demo', many(4), 'this cluster has 4 nodes'],
    ['ci', many(1), 'has the label temporal-spark/purpose=ci'],
    ['single-node', undefined, 'nodes cannot be read'],
  ])('%s is rejected where the cluster is not of the kind that it is for', (profile, nodes, why) => {
    expect(() => placed(submission, { profile, ...(nodes === undefined ? {} : { nodes }) })).toThrow(why);
  });

  it.each([
    ['demo', many(3, CONTROL_PLANE)],
    ['ci', many(5, { ...CONTROL_PLANE, 'temporal-spark/purpose': 'ci' })],
  ])('%s is granted where it is', (profile, nodes) => {
    expect(placed(submission, { profile, nodes }).decision.driverPool).toBe('any');
  });

  it('ci keeps to the nodes made for it', () => {
    const nodes = [...many(2), node('ci', { 'temporal-spark/purpose': 'ci' })];
    const { driverPodTemplate } = placed(submission, { profile: 'ci', nodes }).submission;
    expect(termsOf(driverPodTemplate)).toEqual([
      { matchExpressions: [{ key: 'temporal-spark/purpose', operator: 'In', values: ['ci'] }] },
    ]);
  });
});
