import type { Node } from '../kubernetes/objects.ts';
import { isMetBy, type Labels, type Requirement } from './requirement.ts';
import type { Taint } from './toleration.ts';

/** What placement knows of a node. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** Quantities by resource, as the node has them. */
  readonly allocatable: Readonly<Record<string, string>>;
}

export function nodeFacts({ metadata, spec, status }: Node): NodeFacts {
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    taints: (spec?.taints ?? []).filter(isLasting) as readonly Taint[],
    allocatable: status?.allocatable ?? {},
  };
}

/** Kubernetes' own taints follow the node's health and do not describe its purpose. */
const isLasting = ({ key }: { readonly key: string }): boolean => !key.startsWith('node.kubernetes.io/');

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Labels of nodes that run a cluster's own control plane or etcd. */
const CONTROLLER_LABELS = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/etcd',
] as const;

/** Requirements that each mark a node as part of the control plane, in any configuration. */
export const CONTROLLER_MARKS: readonly Requirement[] = CONTROLLER_LABELS.map((key) => ({ key, operator: 'Exists' }));

export const isMarked = (marks: readonly Requirement[], { labels }: Pick<NodeFacts, 'labels'>): boolean =>
  marks.some((mark) => isMetBy(mark, labels));
