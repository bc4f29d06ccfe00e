import type { PodTemplate } from '../kubernetes/objects.ts';
import { nodesOf } from './describe-pools.ts';
import type { NodeFacts } from './node-facts.ts';
import type { Placement } from './placement.ts';
import { quantity } from '../validation/quantity.ts';
import type { AdmissionLimits } from '../protocol/admission.ts';
import { present } from '../validation/present.ts';

/**
 * What a pool admits at a time, given its current nodes; undefined if it is not limited. Drivers may request their
 * share of what all its nodes have; that limit is omitted if no node is known, because an autoscaler adds the first or
 * nodes cannot be read.
 */
export function poolLimits(
  placement: Placement,
  poolName: string,
  nodes: readonly NodeFacts[] | undefined,
): AdmissionLimits | undefined {
  const pool = placement.pools[poolName];
  if (pool?.admission === undefined) return undefined;
  const { driverShare, ...limits } = pool.admission;
  const its = nodes === undefined ? [] : nodesOf(placement, pool, nodes);
  if (driverShare === undefined || its.length === 0) return limits;
  const share = (resource: string): number =>
    driverShare * its.reduce((sum, { allocatable }) => sum + quantity(allocatable[resource]), 0);
  return { ...limits, drivers: { cpu: share('cpu'), memory: share('memory') } };
}

/** The priority of a pod: a number, or the name of a PriorityClass. */
export function priorityOf({ spec }: PodTemplate): { readonly value?: number; readonly className?: string } {
  const { priority, priorityClassName } = spec ?? {};
  if (priorityClassName !== undefined) return { className: priorityClassName };
  return present({ value: priority });
}
