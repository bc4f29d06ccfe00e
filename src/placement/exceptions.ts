import type { NodeFacts } from './node-facts.ts';
import type { Requirement } from './requirement.ts';

/** Label of the nodes of a cluster that exists for a CI job; the creator of the cluster sets it. */
const CI_NODE: Requirement = { key: 'temporal-spark/purpose', operator: 'In', values: ['ci'] };
const DEMO_NODES = 3;

/** Clusters where Spark may share nodes with the control plane, because they have no other nodes and little to lose. */
export interface Exception {
  /** What it is for, after "for". */
  readonly purpose: string;
  /** What its pods require of a node. */
  readonly requirements: readonly Requirement[];
  /** Why a cluster is not what the exception is for; absent where it is. */
  fault(nodes: readonly NodeFacts[]): string | undefined;
}

export const EXCEPTIONS = {
  'single-node': {
    purpose: 'a cluster of one node (kind, minikube)',
    requirements: [],
    fault: (nodes) => (nodes.length === 1 ? undefined : `this cluster has ${nodes.length} nodes`),
  },
  demo: {
    purpose: `a demo on at most ${DEMO_NODES} nodes`,
    requirements: [],
    fault: (nodes) => (nodes.length <= DEMO_NODES ? undefined : `this cluster has ${nodes.length} nodes`),
  },
  ci: {
    purpose: `a CI job's own cluster, whose nodes have the label ${CI_NODE.key}=ci`,
    requirements: [CI_NODE],
    fault: (nodes) =>
      nodes.some(({ labels }) => labels[CI_NODE.key] === 'ci')
        ? undefined
        : `none of this cluster's ${nodes.length} nodes has the label ${CI_NODE.key}=ci`,
  },
} as const satisfies Readonly<Record<string, Exception>>;
export type ExceptionName = keyof typeof EXCEPTIONS;

/** The exceptions, as an error lists them. */
export const exceptionsText: string = Object.entries(EXCEPTIONS)
  .map(([name, { purpose }]) => `"${name}" for ${purpose}`)
  .join(', ');
