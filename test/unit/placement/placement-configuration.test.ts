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
  it('is the preset generic where there is none: one profile, pool compute', () => {
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

  it('takes a pool without labels for the rest: every node of no other pool', () => {
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

describe('a placement configuration that is refused', () => {
  it.each([
    ['an unknown preset', { preset: 'kubeadmin' }, 'preset', /must not be "kubeadmin"/, 'did you mean "kubeadm"?'],
    ['an unknown field', { pools: { compute: { label: {} } } }, 'pools.compute.label', /not a known field/, '"labels"'],
    [
      'an unknown pool',
      { profiles: { p: { driver: 'compute', executor: 'compote' } } },
      'profiles.p.executor',
      /"compote" is no pool/,
      '"compute"',
    ],
    [
      'an unknown default profile',
      { defaultProfile: 'defualt' },
      'defaultProfile',
      /"defualt" is no profile/,
      '"default"',
    ],
    [
      'Spark on the control plane by name',
      { profiles: { p: { driver: 'control-plane', executor: 'compute' } } },
      'profiles.p.driver',
      /of the control plane/,
      'single-node, demo, ci',
    ],
    [
      'Spark on the control plane by label',
      { pools: { compute: { expressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] } } },
      'profiles.default.driver',
      /"compute" is of the control plane/,
      'single-node, demo, ci',
    ],
    [
      'a pool without a toleration for its own taint',
      { pools: { compute: { taints: [{ key: 'dedicated', value: 'spark', effect: 'NoSchedule' }] } } },
      'pools.compute.taints[0]',
      /dedicated=spark:NoSchedule keeps every pod off/,
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
      /keeps every pod off/,
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
      'a rest that cannot be told from another pool',
      { pools: { fast: { labels: { disk: 'nvme', net: '100g' } } } },
      'pools.compute',
      /pool fast is chosen by more than one label/,
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
      /has the labels and expressions of pool fast: the nodes of both are the same/,
      'give faster a label that only its nodes have',
    ],
    [
      'a pool without a selector beside the one of the preset',
      {
        pools: { batch: { purpose: 'nightly jobs' } },
        profiles: { nightly: { driver: 'batch', executor: 'batch' } },
      },
      'pools.batch',
      /has no labels or expressions, as pool compute: both would be every node of no other pool/,
      'give batch a label',
    ],
    [
      'a control plane that nothing tells',
      { preset: 'gke', pools: { 'control-plane': { purpose: 'controllers' } } },
      'pools.control-plane',
      /has no labels or expressions/,
      'or leave it out: node-role.kubernetes.io/control-plane, ',
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
      /has a value beside operator Exists/,
      'leave out the value',
    ],
    [
      'an unknown profile of the preset',
      { preset: 'kubeadm', defaultProfile: 'spot-executors' },
      'defaultProfile',
      /"spot-executors" is no profile/,
      'there are default, ',
    ],
    [
      'a name of an exception',
      { profiles: { ci: { driver: 'compute', executor: 'compute' } } },
      'profiles.ci',
      /built-in/,
      'another name',
    ],
    [
      'a zone policy there is none of',
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

  it('names file and line, and everything that is wrong at once', () => {
    const text = 'preset: generic\npools:\n  compute:\n    autoscaled: maybe\n    labels: {pool: [a]}\n';
    const read = () => readPlacement(text, 'placement.yaml');
    expect(read).toThrow(/placement\.yaml:4:17 {2}pools\.compute\.autoscaled/);
    expect(read).toThrow(/placement\.yaml:5:20 {2}pools\.compute\.labels\.pool/);
  });

  it('matches none of the nodes: it says what they have instead', () => {
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
