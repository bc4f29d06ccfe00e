import { describe, expect, it } from 'vitest';
import {
  checkPoolsAgainst,
  parsePlacement,
  PlacementConfigurationError,
  readPlacement,
} from '../../../src/placement/index.ts';
import { node } from './nodes.ts';

const refusal = (written: unknown): string => {
  try {
    parsePlacement(written);
  } catch (error) {
    if (error instanceof PlacementConfigurationError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
};

describe('a placement configuration', () => {
  it('defaults to the preset generic: one profile, pool compute', () => {
    const { preset, defaultProfile, profiles } = parsePlacement();
    expect({ preset, defaultProfile, pools: profiles['default'] }).toMatchObject({
      preset: 'generic',
      defaultProfile: 'default',
      pools: { driver: 'compute', executor: 'compute' },
    });
  });

  it('adds to the pools of its preset, field by field', () => {
    const { pools } = parsePlacement({
      preset: 'aks',
      pools: { compute: { labels: { agentpool: 'spark' } }, 'storage-io': { labels: { disk: 'nvme' } } },
    });
    expect(pools['compute']).toMatchObject({
      autoscaled: true,
      requirements: [{ key: 'agentpool', values: ['spark'] }],
    });
    expect(Object.keys(pools)).toEqual(['compute', 'on-demand', 'spot', 'storage-io']);
  });

  it('assigns every node of no other pool to a pool without labels', () => {
    const { pools } = parsePlacement({ pools: { 'storage-io': { labels: { pool: 'storage-io' } } } });
    expect(pools['compute']!.requirements).toEqual([{ key: 'pool', operator: 'NotIn', values: ['storage-io'] }]);
  });
});

it('a placement configuration may give the rest another name', () => {
  const { pools } = parsePlacement({
    pools: { spark: { admission: { maxApplications: 1 } } },
    profiles: { default: { driver: 'spark', executor: 'spark' } },
  });
  expect(pools['spark']).toMatchObject({ isRest: true });
});

describe('a placement configuration that is rejected', () => {
  it.each([
    ['an unknown preset', { preset: 'kubeadmin' }, 'preset', /must not be "kubeadmin"/, 'did you mean "kubeadm"?'],
    ['an unknown field', { pools: { compute: { label: {} } } }, 'pools.compute.label', /not a known field/, '"labels"'],
    [
      'an unknown pool',
      { profiles: { p: { driver: 'compute', executor: 'compote' } } },
      'profiles.p.executor',
      /unknown pool "compote"/,
      '"compute"',
    ],
    [
      'an unknown default profile',
      { defaultProfile: 'defualt' },
      'defaultProfile',
      /unknown profile "defualt"/,
      '"default"',
    ],
    [
      'Spark on the control plane by name',
      { profiles: { p: { driver: 'control-plane', executor: 'compute' } } },
      'profiles.p.driver',
      /belongs to the control plane/,
      'single-node, demo, ci',
    ],
    [
      'Spark on the control plane by label',
      { pools: { compute: { expressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] } } },
      'profiles.default.driver',
      /"compute" belongs to the control plane/,
      'single-node, demo, ci',
    ],
    [
      'a pool without a toleration for its own taint',
      { pools: { compute: { taints: [{ key: 'dedicated', value: 'spark', effect: 'NoSchedule' }] } } },
      'pools.compute.taints[0]',
      /dedicated=spark:NoSchedule repels every pod/,
      'add to pools.compute.tolerations',
    ],
    [
      'a toleration for another value of the taint',
      {
        pools: {
          compute: {
            taints: [{ key: 'dedicated', value: 'spark', effect: 'NoSchedule' }],
            tolerations: [{ key: 'dedicated', value: 'batch' }],
          },
        },
      },
      'pools.compute.taints[0]',
      /repels every pod/,
      'tolerations',
    ],
    [
      'a selector that contradicts itself',
      {
        pools: {
          compute: { labels: { pool: 'a' }, expressions: [{ key: 'pool', operator: 'NotIn', values: ['a', 'b'] }] },
        },
      },
      'pools.compute',
      /matches nothing: no node has both pool=a and pool not in \(a, b\)/,
      'remove one',
    ],
    [
      'In without values',
      { pools: { compute: { expressions: [{ key: 'pool', operator: 'In', values: [] }] } } },
      'pools.compute.expressions[0].values',
      /no node matches/,
      'name the values',
    ],
    [
      'a pool of the remaining nodes that overlaps another pool',
      { pools: { fast: { labels: { disk: 'nvme', net: '100g' } } } },
      'pools.compute',
      /pool fast is selected by more than one label/,
      'give compute labels of its own',
    ],
    [
      'a pool of the nodes of another',
      {
        pools: {
          fast: { labels: { pool: 'fast' }, expressions: [{ key: 'disk', operator: 'In', values: ['a', 'b'] }] },
          faster: {
            expressions: [
              { key: 'disk', operator: 'In', values: ['b', 'a'] },
              { key: 'pool', operator: 'In', values: ['fast'] },
            ],
          },
          compute: { labels: { pool: 'spark' } },
        },
      },
      'pools.faster',
      /has the same labels and expressions as pool fast, so both contain the same nodes/,
      'give faster a label that only its nodes have',
    ],
    [
      'a pool without a selector in addition to that of the preset',
      {
        pools: { batch: { purpose: 'nightly jobs' } },
        profiles: { nightly: { driver: 'batch', executor: 'batch' } },
      },
      'pools.batch',
      /has no labels or expressions, like pool compute: both would contain every node of no other pool/,
      'give batch a label',
    ],
    [
      'a control plane without a label',
      { preset: 'gke', pools: { 'control-plane': { purpose: 'controllers' } } },
      'pools.control-plane',
      /has no labels or expressions/,
      'or remove it: node-role.kubernetes.io/control-plane, ',
    ],
    [
      'a toleration of a value without a key',
      { pools: { compute: { tolerations: [{ value: 'spark' }] } } },
      'pools.compute.tolerations[0]',
      /has no key/,
      'operator Exists',
    ],
    [
      'a toleration that the API server would refuse',
      { pools: { compute: { tolerations: [{ key: 'dedicated', operator: 'Exists', value: 'spark' }] } } },
      'pools.compute.tolerations[0]',
      /has a value with operator Exists/,
      'leave out the value',
    ],
    [
      'an unknown profile of the preset',
      { preset: 'kubeadm', defaultProfile: 'spot-executors' },
      'defaultProfile',
      /unknown profile "spot-executors"/,
      'known: default, ',
    ],
    [
      'a name of an exception',
      { profiles: { ci: { driver: 'compute', executor: 'compute' } } },
      'profiles.ci',
      /built-in/,
      'another name',
    ],
    [
      'an unknown zone policy',
      { profiles: { p: { driver: 'compute', executor: 'compute', zones: 'near' } } },
      'profiles.p.zones',
      /any, same, spread or a list/,
      '',
    ],
  ])('%s', (_, written, path, message, remedy) => {
    const text = refusal(written);
    expect(text).toContain(path);
    expect(text).toMatch(message);
    expect(text).toContain(remedy);
  });

  it('reports all problems at once, with file and line', () => {
    const text = 'preset: generic\npools:\n  compute:\n    autoscaled: maybe\n    labels: {pool: [a]}\n';
    const read = () => readPlacement(text, 'placement.yaml');
    expect(read).toThrow(/placement\.yaml:4:17 {2}pools\.compute\.autoscaled/);
    expect(read).toThrow(/placement\.yaml:5:20 {2}pools\.compute\.labels\.pool/);
  });

  it('matches none of the nodes: it reports what they have instead', () => {
    const nodes = [node('a', { 'node-pool': 'spark' }), node('b', { 'node-pool': 'web' })];
    const check =
      (labels: Record<string, string>, autoscaled = false) =>
      () =>
        checkPoolsAgainst(parsePlacement({ pools: { compute: { labels, autoscaled } } }), nodes);
    expect(check({ 'node-pool': 'compute' })).toThrow(
      /pools\.compute .*matches none of the cluster's 2 nodes.*the nodes have node-pool=spark, web/,
    );
    expect(check({ 'node-pol': 'spark' })).toThrow(/some have node-pool/);
    expect(check({ 'node-pool': 'spark' })).not.toThrow();
    expect(check({ 'node-pool': 'compute' }, true)).not.toThrow();
  });
});
