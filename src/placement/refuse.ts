/**
 * Checks that reject the placement of an application.
 *
 * @module
 */
import { ApplicationAnnotation } from '../manifest/annotations.ts';
import type { RefusedField } from '../validation/application-refused.ts';
import { closest } from '../validation/closest.ts';
import { nodeMatches, type NodeConstraints, type Role } from './constraints.ts';
import { exceptionsText, type Exception } from './exceptions.ts';
import { isMarked, type NodeFacts } from './node-facts.ts';
import { CONTROL_PLANE_POOL, type NodePool, type Placement, type PlacementProfile } from './placement.ts';
import { PlacementRefusal, PlacementRefused } from './placement-error.ts';
import { contradiction, describeRequirement, type Requirement } from './requirement.ts';

/** On a SparkApplication: the placement profile to run with. */
const PROFILE_ANNOTATION = ApplicationAnnotation.PlacementProfile;
const PROFILE_FIELD: RefusedField = { path: ['metadata', 'annotations', PROFILE_ANNOTATION] };

/** @throws PlacementRefused where no profile has that name */
export function profileOf({ profiles }: Placement, name: string): PlacementProfile {
  if (Object.hasOwn(profiles, name)) return profiles[name]!;
  const known = Object.keys(profiles);
  const suggestion = closest(name, known);
  throw new PlacementRefused(
    PlacementRefusal.UnknownProfile,
    `Unknown placement profile "${name}"${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`} in the ` +
      `annotation ${PROFILE_ANNOTATION}; known: ${known.join(', ')}.`,
    [PROFILE_FIELD],
  );
}

/** @throws PlacementRefused where the cluster has only control plane nodes, and autoscaling adds no others */
export function refuseWithoutCompute(
  { marks, pools }: Placement,
  { driver, executor }: PlacementProfile,
  nodes: readonly NodeFacts[] | undefined,
): void {
  if (nodes === undefined || nodes.length === 0 || !nodes.every((node) => isMarked(marks, node))) return;
  if ([driver, executor].every((name) => pools[name]!.autoscaled)) return;
  throw new PlacementRefused(
    PlacementRefusal.ControlPlane,
    `${nodes.length === 1 ? 'The only node' : `All ${nodes.length} nodes`} of this cluster (${names(nodes)}) ` +
      `${nodes.length === 1 ? 'belongs' : 'belong'} to its control plane, where Spark does not run. ` +
      `Add compute nodes, or choose an exception with the annotation ${PROFILE_ANNOTATION}: ${exceptionsText}.`,
  );
}

/** @throws PlacementRefused where the cluster is not of the kind that the exception is for */
export function checkException(name: string, exception: Exception, nodes: readonly NodeFacts[] | undefined): void {
  const fault =
    nodes === undefined
      ? "the cluster's nodes cannot be read: allow the worker to list and watch nodes (a ClusterRole)"
      : exception.fault(nodes);
  if (fault === undefined) return;
  throw new PlacementRefused(
    PlacementRefusal.ExceptionNotMet,
    `The placement profile "${name}" is for ${exception.purpose}; ${fault}. Leave it out, or choose another.`,
    [PROFILE_FIELD],
  );
}

/** @throws PlacementRefused where the user's own constraints select the control plane */
export function refuseControlPlane(
  role: Role,
  constraints: NodeConstraints,
  { marks, awayFrom }: Placement,
  nodes: readonly NodeFacts[] | undefined,
): void {
  const { selector, alternatives, nodeName } = constraints;
  const asked = [selector, ...alternatives.map(({ labels }) => labels)]
    .flatMap((requirements) => contradiction([...awayFrom, ...requirements]) ?? [])
    .find((requirement) => !awayFrom.includes(requirement));
  if (asked !== undefined) throw refusedControlPlane(role, `asks for ${describeRequirement(asked)}`, [asked]);
  if (nodes === undefined || (selector.length + alternatives.length === 0 && nodeName === undefined)) return;
  const matching = nodes.filter((node) => nodeMatches(constraints, node));
  if (matching.length > 0 && matching.every((node) => isMarked(marks, node))) {
    throw refusedControlPlane(role, `matches only its nodes (${names(matching)})`, selector);
  }
}

function refusedControlPlane(role: Role, why: string, requirements: readonly Requirement[]): PlacementRefused {
  return new PlacementRefused(
    PlacementRefusal.ControlPlane,
    `The ${role} would run on the control plane: its nodeSelector, affinity or nodeName ${why}. Spark belongs on compute ` +
      `nodes: a heavy job next to the API server or etcd can take the whole cluster down. Remove it, or choose an exception ` +
      `with the annotation ${PROFILE_ANNOTATION}: ${exceptionsText}.`,
    selectorFields(role, requirements),
  );
}

/** @throws PlacementRefused where no node can meet both the user's constraints and the pool's */
export function refuseContradiction(
  role: Role,
  { selector, alternatives }: NodeConstraints,
  required: readonly Requirement[],
  pool: NodePool | undefined,
  { pools }: Placement,
): void {
  const choices = alternatives.length === 0 ? [selector] : alternatives.map(({ labels }) => [...selector, ...labels]);
  const opposed = choices.map((choice) => contradiction([...required, ...choice]));
  if (opposed.length === 0 || opposed.some((each) => each === undefined)) return;
  const [ours, theirs] = opposed[0]!;
  const fitting = Object.values(pools).find(
    ({ name, requirements }) =>
      name !== CONTROL_PLANE_POOL &&
      name !== pool?.name &&
      choices.some((choice) => contradiction([...requirements, ...choice]) === undefined),
  );
  throw new PlacementRefused(
    PlacementRefusal.ContradictsPool,
    `The ${role} cannot be placed: its nodeSelector or affinity asks for ${describeRequirement(theirs)}, pool "${pool?.name}" ` +
      `for ${describeRequirement(ours)}. Remove it, or choose a profile of another pool with the annotation ${PROFILE_ANNOTATION}` +
      `${fitting === undefined ? '' : ` (pool "${fitting.name}" fits)`}.`,
    [PROFILE_FIELD, ...selectorFields(role, [theirs])],
  );
}

/** Where `sparkConf` may require these of the nodes of a role. */
function selectorFields(role: Role, requirements: readonly Requirement[]): RefusedField[] {
  return requirements.flatMap(({ key, operator, values = [] }) => {
    const [value] = values;
    if (operator !== 'In' || value === undefined || values.length > 1) return [];
    return ['spark.kubernetes', `spark.kubernetes.${role}`].map((prefix) => ({
      ...{ path: ['spec', 'sparkConf', `${prefix}.node.selector.${key}`], value },
    }));
  });
}

function names(nodes: readonly NodeFacts[]): string {
  const shown = nodes.slice(0, 5).map(({ name }) => name);
  return [...shown, ...(nodes.length > shown.length ? [`${nodes.length - shown.length} more`] : [])].join(', ');
}
