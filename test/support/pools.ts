import type { NodeSpec } from '../../lab/contract.ts';

const taint = (key: string, effect: string, value?: string) => ({
  key,
  effect,
  ...(value === undefined ? {} : { value }),
});
const zone = (index: number): Record<string, string> => ({ 'topology.kubernetes.io/zone': `zone-${'abc'[index % 3]}` });

const controlPlane = 'node-role.kubernetes.io/control-plane';
const etcd = 'node-role.kubernetes.io/etcd';
// So few that the scheduler must spread pods: on nodes without end it may pile equal ones onto one.
const CPU = '20';

const noControlPlane = taint(controlPlane, 'NoSchedule');

export const controlPlaneNode = (index: number, labels: Record<string, string> = {}): NodeSpec => ({
  name: `control-plane-${index}`,
  labels: { [controlPlane]: '', ...zone(index), ...labels },
  // The taint of the third was removed, which is not a reason to run anything there.
  taints: index === 2 ? [] : [noControlPlane],
});

const pooled: readonly NodeSpec[] = [
  controlPlaneNode(0),
  controlPlaneNode(1, { [etcd]: '' }),
  controlPlaneNode(2),
  ...[0, 1].map((index) => ({
    name: `etcd-${index}`,
    labels: { [etcd]: '', ...zone(index) },
    // The second has lost its taint.
    taints: index === 0 ? [taint(etcd, 'NoExecute')] : [],
  })),
  ...[0, 1, 2, 3, 4, 5].map((index) => ({
    name: `compute-${index}`,
    labels: { 'node-pool': 'compute', ...zone(index) },
  })),
  ...[0, 1].map((index) => ({
    name: `storage-io-${index}`,
    labels: { 'node-pool': 'storage-io', ...zone(index) },
    taints: index === 0 ? [taint('dedicated', 'NoSchedule', 'storage-io')] : [],
  })),
  {
    name: 'monitoring-0',
    labels: { 'node-pool': 'monitoring', ...zone(0) },
    taints: [taint('monitoring', 'NoSchedule', 'true')],
  },
];

/** A cluster as people have it: each pool with the labels and taints they use. */
export const POOLED_NODES: readonly NodeSpec[] = pooled.map((node) => ({ ...node, cpu: CPU }));
