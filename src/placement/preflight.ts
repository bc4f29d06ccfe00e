import type { SparkSubmission } from '../spark/submission.ts';
import { constraintsOf, type Role } from './constraints.ts';
import { fit, type Fit, type Requests } from './fit.ts';
import type { NodeFacts } from './node-facts.ts';
import type { Placement, PlacementProfile } from './placement.ts';

export interface RoleFit extends Fit {
  readonly role: Role;
  readonly pool: string;
  /** An autoscaler may still add a node for it. */
  readonly autoscaled: boolean;
}

/** Which nodes the pods of a placed submission fit on; informational, it never refuses a submission. */
export function preflight(
  submission: SparkSubmission,
  nodes: readonly NodeFacts[],
  requests: Readonly<Record<Role, Requests>>,
  placement: Placement,
  profileName: string,
): readonly RoleFit[] {
  const profile: PlacementProfile | undefined = placement.profiles[profileName];
  return (['driver', 'executor'] as const).map((role) => {
    const pool = profile?.[role] ?? '';
    const found = fit(nodes, constraintsOf(submission, role), requests[role], placement.marks);
    return { role, pool, autoscaled: placement.pools[pool]?.autoscaled ?? false, ...found };
  });
}

/** Warnings about pods that would stay pending. */
export function preflightWarnings(fits: readonly RoleFit[], nodeCount: number): string[] {
  return fits.flatMap(({ role, pool, autoscaled, admitted, fitting, nearest }) => {
    // An autoscaled pool without nodes is its usual state.
    if (fitting.length > 0 || (autoscaled && admitted.length === 0)) return [];
    const which = role === 'driver' ? 'The driver fits no node' : 'An executor fits no node';
    const seen = `${admitted.length} of ${nodeCount} nodes admit it (pool ${pool})`;
    const near = nearest === undefined ? '' : `; nearest is ${nearest.node}: ${nearest.missing}`;
    const hope = autoscaled
      ? ' It stays pending until the autoscaler adds a larger node.'
      : ' It stays pending until a node fits.';
    return [`${which}: ${seen}${near}.${hope}`];
  });
}
