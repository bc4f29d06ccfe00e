import { describe, expect, it } from 'vitest';
import { parsePlacement, place, preflight, type NodeFacts, type PresetName } from '../../src/placement/index.ts';
import { identity, submission } from '../translation/fixtures.ts';
import { CONTROL_PLANE, ETCD, node } from './nodes.ts';

const criticalAddons = { key: 'CriticalAddonsOnly', value: 'true' };
const trueLabels = (labels: Record<string, string>) =>
  Object.fromEntries(Object.keys(labels).map((key) => [key, 'true']));

/** Nodes as such a cluster has them, by what may run there. */
interface Cluster {
  readonly compute: readonly NodeFacts[];
  readonly others: readonly NodeFacts[];
  /** By profile, where there are more than the default: the nodes of drivers and of executors. */
  readonly profiles?: Readonly<Record<string, readonly [string[], string[]]>>;
}

const clusters: Readonly<Record<PresetName, Cluster>> = {
  generic: {
    compute: [node('work-1'), node('work-2')],
    others: [node('cp-1', CONTROL_PLANE), node('old', { 'node-role.kubernetes.io/master': '' }), node('etcd-1', ETCD)],
  },
  kubeadm: {
    compute: [node('work-1'), node('work-2')],
    others: [
      node('cp-1', CONTROL_PLANE, { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }),
      node('cp-untainted', CONTROL_PLANE),
    ],
  },
  rke2: {
    compute: [node('agent-1', { 'node-role.kubernetes.io/worker': 'true' })],
    others: [
      node('server-all', trueLabels({ ...CONTROL_PLANE, ...ETCD, 'node-role.kubernetes.io/master': '' })),
      node('server-cp', trueLabels(CONTROL_PLANE), { taints: [{ ...criticalAddons, effect: 'NoExecute' }] }),
      node('server-etcd', trueLabels(ETCD), { taints: [{ key: 'node-role.kubernetes.io/etcd', effect: 'NoExecute' }] }),
    ],
  },
  harvester: {
    compute: [node('worker', { 'harvesterhci.io/managed': 'true' })],
    others: [
      node('management', trueLabels({ ...CONTROL_PLANE, ...ETCD, 'harvesterhci.io/managed': '' })),
      node('witness', trueLabels({ ...ETCD, 'node-role.harvesterhci.io/witness': '' }), {
        taints: [{ key: 'node-role.kubernetes.io/etcd', value: 'true', effect: 'NoExecute' }],
      }),
    ],
  },
  'eks-karpenter': {
    compute: [
      node('od', { 'karpenter.sh/nodepool': 'default', 'karpenter.sh/capacity-type': 'on-demand' }),
      node('sp', { 'karpenter.sh/nodepool': 'default', 'karpenter.sh/capacity-type': 'spot' }),
    ],
    others: [
      node('add-ons', { 'eks.amazonaws.com/nodegroup': 'system', 'eks.amazonaws.com/capacityType': 'ON_DEMAND' }),
    ],
    profiles: { 'spot-executors': [['od'], ['sp']] },
  },
  gke: {
    compute: [node('standard', { 'cloud.google.com/gke-nodepool': 'default-pool' })],
    others: [
      node(
        'spot',
        { 'cloud.google.com/gke-nodepool': 'spot', 'cloud.google.com/gke-spot': 'true' },
        {
          taints: [{ key: 'cloud.google.com/gke-spot', value: 'true', effect: 'NoSchedule' }],
        },
      ),
    ],
    profiles: { 'spot-executors': [['standard'], ['spot']] },
  },
  aks: {
    compute: [node('user', { 'kubernetes.azure.com/mode': 'user', 'kubernetes.azure.com/agentpool': 'spark' })],
    others: [
      node(
        'system',
        { 'kubernetes.azure.com/mode': 'system' },
        { taints: [{ ...criticalAddons, effect: 'NoSchedule' }] },
      ),
      node(
        'spot',
        { 'kubernetes.azure.com/mode': 'user', 'kubernetes.azure.com/scalesetpriority': 'spot' },
        {
          taints: [{ key: 'kubernetes.azure.com/scalesetpriority', value: 'spot', effect: 'NoSchedule' }],
        },
      ),
    ],
    profiles: { 'spot-executors': [['user'], ['spot']] },
  },
};

describe.each(Object.keys(clusters) as PresetName[])('preset %s', (preset) => {
  const { compute, others, profiles = {} } = clusters[preset];
  const nodes = [...others, ...compute];
  const named = (given: readonly NodeFacts[]) => given.map(({ name }) => name);
  const expected = { default: [named(compute), named(compute)], ...profiles };

  it.each(Object.entries(expected))(
    'profile %s puts pods on its own nodes and no other',
    (profile, [driver, executor]) => {
      const placement = parsePlacement({ preset });
      const placed = place(submission, { placement, profile, nodes, attemptLabels: identity.labels });
      const fits = preflight(placed.submission, nodes, { driver: {}, executor: {} }, placement, profile);
      expect(fits.map(({ admitted }) => admitted)).toEqual([driver, executor]);
    },
  );
});

describe('do-not-disrupt', () => {
  it.each([
    ['eks-karpenter', 'karpenter.sh/do-not-disrupt', 'true'],
    ['gke', 'cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
    ['aks', 'cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
  ])('%s asks its autoscaler to leave drivers, and not executors, where they are', (preset, key, value) => {
    const { driverPodTemplate, executorPodTemplate } = place(submission, {
      placement: parsePlacement({ preset }),
      attemptLabels: identity.labels,
    }).submission;
    expect(driverPodTemplate.metadata!.annotations).toMatchObject({ [key]: value });
    expect(executorPodTemplate!.metadata?.annotations).toBeUndefined();
  });
});
