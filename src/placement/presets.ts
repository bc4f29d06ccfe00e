import type { WrittenPlacement } from './schema.ts';

export type PresetName = NonNullable<WrittenPlacement['preset']>;

/** The defaults for a kind of cluster; a configuration adds its own pools and profiles. */
export type Preset = Required<Pick<WrittenPlacement, 'pools' | 'profiles' | 'doNotDisruptAnnotations'>>;

type Pools = Preset['pools'];

const controlPlane: Pools = {
  'control-plane': {
    purpose: 'the control plane and controllers',
    expressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
    taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
    tolerations: [
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
      { key: 'node-role.kubernetes.io/master', operator: 'Exists' },
    ],
  },
};

const rest: Pools = { compute: { purpose: 'Spark' } };

const everywhere: Preset['profiles'] = { default: { driver: 'compute', executor: 'compute' } };

/** Drivers on on-demand nodes, executors on spot nodes. */
const onSpot: Preset['profiles'] = {
  default: { driver: 'compute', executor: 'compute', doNotDisrupt: { driver: true } },
  'spot-executors': { driver: 'on-demand', executor: 'spot', doNotDisrupt: { driver: true } },
};

const clusterAutoscaler = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' };

const kubeadm: Preset = {
  pools: { ...controlPlane, ...rest },
  profiles: everywhere,
  doNotDisruptAnnotations: clusterAutoscaler,
};

/** Servers may hold any mix of control plane and etcd; Harvester's witness is a server with etcd alone. */
const rke2: Preset = {
  ...kubeadm,
  pools: {
    'control-plane': {
      purpose: 'the control plane and controllers',
      expressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
      taints: [
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        { key: 'node-role.kubernetes.io/etcd', effect: 'NoExecute' },
        { key: 'CriticalAddonsOnly', value: 'true', effect: 'NoExecute' },
      ],
      tolerations: [
        ...controlPlane['control-plane']!.tolerations!,
        { key: 'node-role.kubernetes.io/etcd', operator: 'Exists' },
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
      ],
    },
    ...rest,
  },
};

/** Karpenter's nodes are for Spark; Karpenter itself runs on a node group, with the add-ons. */
const eksKarpenter: Preset = {
  pools: {
    compute: {
      purpose: 'Spark',
      expressions: [{ key: 'karpenter.sh/nodepool', operator: 'Exists' }],
      autoscaled: true,
    },
    'on-demand': {
      purpose: 'drivers',
      labels: { 'karpenter.sh/capacity-type': 'on-demand' },
      autoscaled: true,
    },
    spot: {
      purpose: 'executors',
      labels: { 'karpenter.sh/capacity-type': 'spot' },
      autoscaled: true,
    },
  },
  profiles: onSpot,
  doNotDisruptAnnotations: { 'karpenter.sh/do-not-disrupt': 'true' },
};

const gkeSpot = 'cloud.google.com/gke-spot';

const gke: Preset = {
  pools: {
    compute: {
      purpose: 'Spark',
      expressions: [{ key: 'cloud.google.com/gke-nodepool', operator: 'Exists' }],
      autoscaled: true,
    },
    'on-demand': {
      purpose: 'drivers',
      expressions: [
        { key: 'cloud.google.com/gke-nodepool', operator: 'Exists' },
        { key: gkeSpot, operator: 'DoesNotExist' },
      ],
      autoscaled: true,
    },
    spot: {
      purpose: 'executors',
      labels: { [gkeSpot]: 'true' },
      taints: [{ key: gkeSpot, value: 'true', effect: 'NoSchedule' }],
      tolerations: [{ key: gkeSpot, operator: 'Equal', value: 'true', effect: 'NoSchedule' }],
      autoscaled: true,
    },
  },
  profiles: onSpot,
  doNotDisruptAnnotations: clusterAutoscaler,
};

const aksPriority = 'kubernetes.azure.com/scalesetpriority';

const aks: Preset = {
  pools: {
    compute: { purpose: 'Spark', labels: { 'kubernetes.azure.com/mode': 'user' }, autoscaled: true },
    'on-demand': {
      purpose: 'drivers',
      labels: { 'kubernetes.azure.com/mode': 'user' },
      expressions: [{ key: aksPriority, operator: 'NotIn', values: ['spot'] }],
      autoscaled: true,
    },
    spot: {
      purpose: 'executors',
      labels: { [aksPriority]: 'spot' },
      taints: [{ key: aksPriority, value: 'spot', effect: 'NoSchedule' }],
      tolerations: [{ key: aksPriority, operator: 'Equal', value: 'spot', effect: 'NoSchedule' }],
      autoscaled: true,
    },
  },
  profiles: onSpot,
  doNotDisruptAnnotations: clusterAutoscaler,
};

export const presets: Readonly<Record<PresetName, Preset>> = {
  ...{ generic: kubeadm, kubeadm, rke2, harvester: rke2 },
  ...{ 'eks-karpenter': eksKarpenter, gke, aks },
};
