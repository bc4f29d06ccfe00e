import type { NodeFacts, PresetName } from '../../src/placement/index.ts';
import { CONTROL_PLANE, ETCD, node } from '../unit/placement/nodes.ts';

const criticalAddons = { key: 'CriticalAddonsOnly', value: 'true' };
const trueLabels = (labels: Record<string, string>) =>
  Object.fromEntries(Object.keys(labels).map((key) => [key, 'true']));

/** Nodes as such a cluster has them, by what may run there. */
export interface PresetCluster {
  readonly compute: readonly NodeFacts[];
  readonly others: readonly NodeFacts[];
  /** By profile, where there are more than the default: the nodes of drivers and of executors. */
  readonly profiles?: Readonly<Record<string, readonly [string[], string[]]>>;
}

export const presetClusters: Readonly<Record<PresetName, PresetCluster>> = {
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

/** By profile, the names of the nodes of drivers and of executors. */
export function expectedNodes({
  compute,
  profiles = {},
}: PresetCluster): Record<string, readonly [string[], string[]]> {
  const names = compute.map(({ name }) => name);
  return { default: [names, names], ...profiles };
}
