import { describe, expect, it } from 'vitest';
import { parsePlacement, place, preflight, preflightWarnings, type NodeFacts } from '../../../src/placement/index.ts';
import { podRequests } from '../../../src/spark/index.ts';
import { identity, withConf } from '../spark/fixtures.ts';
import { CONTROL_PLANE, node, zone } from './nodes.ts';

const taints = [{ key: 'dedicated', value: 'spark', effect: 'NoSchedule' as const }];
const tolerations = [{ key: 'dedicated', operator: 'Exists' as const }];

function warnings(
  nodes: readonly NodeFacts[],
  pool: object = {},
  conf: Record<string, string> = {},
  zones?: string[],
): string[] {
  const placement = parsePlacement({
    pools: { compute: pool },
    profiles: { default: { driver: 'compute', executor: 'compute', ...(zones === undefined ? {} : { zones }) } },
  });
  const { submission, decision } = place(withConf(conf), { placement, nodes, attemptLabels: identity.labels });
  const requests = {
    driver: podRequests(submission, 'driver'),
    executor: podRequests(submission, 'executor'),
  };
  return preflightWarnings(preflight(submission, nodes, requests, placement, decision.profile), nodes.length);
}

describe('the preflight', () => {
  it('is silent where a node can take each pod', () => {
    expect(warnings([node('a'), node('tiny', {}, { cpu: '100m' })])).toEqual([]);
  });

  it.each<[string, () => string[], RegExp]>([
    [
      'too big a pod',
      () =>
        warnings(
          [node('small', {}, { cpu: '2' }), node('large', {}, { memory: '2Gi' })],
          {},
          { 'spark.executor.memory': '100g' },
        ),
      /^An executor fits no node: 2 of 2 nodes admit it.*the pod requests memory 110Gi, it has (64|2)Gi/,
    ],
    [
      'a taint that is not tolerated',
      () => warnings([node('tainted', {}, { taints })]),
      /nearest is tainted: the pod does not tolerate its taint dedicated=spark:NoSchedule/,
    ],
    [
      'a wrong label',
      () => warnings([node('a', { pool: 'web' })], { labels: { pool: 'spark' } }),
      /0 of 1 nodes admit it \(pool compute\).*the pod asks for pool=spark, it has pool=web/,
    ],
    [
      'a wrong zone',
      () => warnings([node('a', zone('eu-1c'))], {}, {}, ['eu-1a', 'eu-1b']),
      /zone in \(eu-1a, eu-1b\), it has topology.kubernetes.io\/zone=eu-1c/,
    ],
  ])('warns of %s', (_, given, text) => {
    const all = given();
    expect(
      all.find((each) => text.test(each)),
      all.join('\n'),
    ).toBeDefined();
  });

  it('names the nearest miss: not enough memory beats a wrong label, and the control plane is not a candidate', () => {
    const nodes = [
      node('cp', CONTROL_PLANE, { taints: [] }),
      node('other', { pool: 'web' }),
      node('small', { pool: 'spark' }, { cpu: '500m', taints }),
    ];
    const [driver] = warnings(nodes, { labels: { pool: 'spark' }, tolerations });
    expect(driver).toMatch(
      /^The driver fits no node: 1 of 3 nodes admit it.*nearest is small: the pod requests cpu 1, it has 0\.5\. It stays pending/,
    );
  });

  it('ignores an autoscaled pool without nodes, and expects a larger node where its nodes are too small', () => {
    const pool = { labels: { pool: 'spark' }, autoscaled: true };
    expect(warnings([node('other')], pool)).toEqual([]);
    expect(warnings([node('small', { pool: 'spark' }, { cpu: '500m' })], pool)[0]).toContain(
      'until the autoscaler adds a larger node',
    );
  });

  it('counts sidecars and what Spark itself would request, extended resources included', () => {
    const submission = {
      ...withConf({
        'spark.kubernetes.executor.request.cores': '500m',
        'spark.executor.resource.gpu.amount': '2',
        'spark.executor.resource.gpu.vendor': 'nvidia.com',
        'spark.kubernetes.executor.podTemplateContainerName': 'spark',
      }),
      executorPodTemplate: {
        spec: {
          containers: [
            { name: 'log', resources: { limits: { cpu: '250m', memory: '1Gi' }, requests: { memory: '512Mi' } } },
            { name: 'spark' },
          ],
        },
      },
    };
    expect(podRequests(submission, 'executor')).toEqual({
      cpu: 0.75,
      memory: (1024 + 384 + 512) * 1024 ** 2,
      'nvidia.com/gpu': 2,
    });
  });
});
