import { poolProblem } from './placement-configuration.ts';
import { isMarked, type NodeFacts } from './node-facts.ts';
import type { NodePool, Placement } from './placement.ts';
import { formatQuantity, quantity } from '../validation/quantity.ts';
import { isMetBy } from './requirement.ts';

/** A pool that a profile uses for Spark, and its nodes. */
export interface PoolDescription {
  readonly pool: string;
  readonly profiles: readonly string[];
  readonly names: readonly string[];
  /** Largest of each among its nodes; they need not be of the same node. */
  readonly largest: { readonly cpu: string; readonly memory: string };
  readonly autoscaled: boolean;
  /** What to do if it has no nodes. */
  readonly problem: string;
}

export const isControlPlane = ({ marks }: Placement, node: NodeFacts): boolean => isMarked(marks, node);

export function nodesOf(placement: Placement, pool: NodePool, nodes: readonly NodeFacts[]): NodeFacts[] {
  return nodes.filter(
    (node) => !isControlPlane(placement, node) && pool.requirements.every((each) => isMetBy(each, node.labels)),
  );
}

/** The pools that are in use, as the cluster has them. */
export function describePools(placement: Placement, nodes: readonly NodeFacts[]): PoolDescription[] {
  return Object.values(placement.pools).flatMap((pool) => {
    const profiles = Object.entries(placement.profiles)
      .filter(([, { driver, executor }]) => [driver, executor].includes(pool.name))
      .map(([name]) => name);
    if (profiles.length === 0) return [];
    const its = nodesOf(placement, pool, nodes);
    const most = (resource: string) =>
      formatQuantity(resource, Math.max(0, ...its.map(({ allocatable }) => quantity(allocatable[resource]))));
    return [
      {
        pool: pool.name,
        profiles,
        names: its.map(({ name }) => name),
        largest: { cpu: most('cpu'), memory: most('memory') },
        autoscaled: pool.autoscaled,
        problem: poolProblem(pool, nodes),
      },
    ];
  });
}
