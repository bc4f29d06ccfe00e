import type { PodTemplate } from '../kubernetes/objects.ts';
import { nodesOf } from './describe-pools.ts';
import type { NodeFacts } from './node-facts.ts';
import type { Placement } from './placement.ts';
import { quantity } from '../validation/quantity.ts';
import type { AdmissionLimits } from '../protocol/admission.ts';
import { present } from '../validation/present.ts';

/**
 * What a pool lets in at once, as its nodes are now; undefined where it is not limited. Drivers may request their share
 * of what all its nodes have; where no node is known, because an autoscaler brings the first or nodes can't be seen, that
 * is left out.
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

/** How a pod says how important it is: by a number, or by the name of a PriorityClass. */
export function priorityOf({ spec }: PodTemplate): { readonly value?: number; readonly className?: string } {
  const { priority, priorityClassName } = spec ?? {};
  if (priorityClassName !== undefined) return { className: priorityClassName };
  return present({ value: priority });
}
