import type { NodeFacts } from '../../../src/placement/index.ts';

type Taint = NodeFacts['taints'][number];

export function node(
  name: string,
  labels: Record<string, string> = {},
  { taints = [], cpu = '16', memory = '64Gi' }: { taints?: readonly Taint[]; cpu?: string; memory?: string } = {},
): NodeFacts {
  return { name, labels: { 'kubernetes.io/hostname': name, ...labels }, taints, allocatable: { cpu, memory } };
}

export const CONTROL_PLANE = { 'node-role.kubernetes.io/control-plane': '' };
export const ETCD = { 'node-role.kubernetes.io/etcd': '' };
export const zone = (name: string): Record<string, string> => ({ 'topology.kubernetes.io/zone': name });
