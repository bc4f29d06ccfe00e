import type { Affinity } from '../manifest/kubernetes-types.ts';
import type { PodTemplate } from '../kubernetes/objects.ts';
import type { SparkSubmission } from '../spark/submission.ts';
import { ApplicationAnnotation } from '../manifest/annotations.ts';
import { closest } from '../validation/closest.ts';
import type { PlacementSummary } from '../protocol/application.ts';
import { constraintsOf, nodeMatches, templateOf, type NodeConstraints, type Role } from './constraints.ts';
import { EXCEPTIONS, exceptionsText, type Exception } from './exceptions.ts';
import { isMarked, ZONE_LABEL, type NodeFacts } from './node-facts.ts';
import { CONTROL_PLANE_POOL, type NodePool, type Placement, type PlacementProfile } from './placement.ts';
import { PlacementRefusal, PlacementRefused } from './placement-error.ts';
import { contradiction, describeRequirement, type Requirement } from './requirement.ts';
import type { ZonePolicy } from './schema.ts';

/** Of a SparkApplication: the placement profile it is to run with. */
const PROFILE_ANNOTATION = ApplicationAnnotation.PlacementProfile;
/** Of a driver pod: the decision, as JSON. */
export const PLACEMENT_ANNOTATION = 'temporal-spark/placement';

export interface PlaceOptions {
  readonly placement: Placement;
  /** The profile the application asks for. @default the configuration's */
  readonly profile?: string;
  /** The nodes of the cluster; absent where they are not known. */
  readonly nodes?: readonly NodeFacts[];
  /** Labels that all pods of the attempt have, and no other pod has. */
  readonly attemptLabels: Readonly<Record<string, string>>;
}

/**
 * Adds to a submission where its pods may run: required node affinity to the profile's pools and away from the control
 * plane, the pools' tolerations, and what else the profile says. What the submission itself asks for stays, beside it.
 *
 * @throws PlacementRefused where the two can't both hold, or Spark would land on the control plane
 */
export function place(
  submission: SparkSubmission,
  { placement, profile: asked, nodes, attemptLabels }: PlaceOptions,
): { readonly submission: SparkSubmission; readonly decision: PlacementSummary } {
  const name = asked ?? placement.defaultProfile;
  const profile = profileOf(placement, name);
  const exception = profile.exception === undefined ? undefined : EXCEPTIONS[profile.exception];
  if (exception === undefined) refuseWithoutCompute(placement, profile, nodes);
  else checkException(name, exception, nodes);
  const decision: PlacementSummary = {
    profile: name,
    driverPool: profile.driver,
    executorPool: profile.executor,
    reason: reasonOf(placement, name, asked !== undefined, exception),
  };
  const template = (role: Role) =>
    placedTemplate(submission, role, { placement, profile, exception, nodes, attemptLabels });
  return {
    submission: {
      ...submission,
      driverPodTemplate: withAnnotations(template('driver'), { [PLACEMENT_ANNOTATION]: JSON.stringify(decision) }),
      executorPodTemplate: template('executor'),
    },
    decision,
  };
}

function profileOf({ profiles }: Placement, name: string): PlacementProfile {
  if (Object.hasOwn(profiles, name)) return profiles[name]!;
  const known = Object.keys(profiles);
  const suggestion = closest(name, known);
  throw new PlacementRefused(
    PlacementRefusal.UnknownProfile,
    `There is no placement profile "${name}"${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`}: ` +
      `the annotation ${PROFILE_ANNOTATION} may be ${known.join(', ')}.`,
  );
}

function reasonOf(placement: Placement, name: string, asked: boolean, exception: Exception | undefined): string {
  const who = asked ? `annotation ${PROFILE_ANNOTATION}` : 'default profile';
  if (exception !== undefined) return `${who}: an exception, for ${exception.purpose}`;
  const { driver, executor, zones } = placement.profiles[name]!;
  const pools = driver === executor ? `pool ${driver}` : `drivers on pool ${driver}, executors on pool ${executor}`;
  return `${who}: ${pools}${zoneText(zones)}, away from the control plane`;
}

function zoneText(zones: ZonePolicy): string {
  switch (zones) {
    case 'any':
      return '';
    case 'same':
      return ', executors near the driver';
    case 'spread':
      return ', executors spread over zones';
    default:
      return `, in zone ${zones.join(' or ')}`;
  }
}

/** A cluster of nothing but its control plane has no place for Spark, and by default makes none. */
function refuseWithoutCompute(
  { marks, pools }: Placement,
  { driver, executor }: PlacementProfile,
  nodes: readonly NodeFacts[] | undefined,
): void {
  if (nodes === undefined || nodes.length === 0 || !nodes.every((node) => isMarked(marks, node))) return;
  if ([driver, executor].every((name) => pools[name]!.autoscaled)) return;
  throw new PlacementRefused(
    PlacementRefusal.ControlPlane,
    `${nodes.length === 1 ? 'The only node' : `All ${nodes.length} nodes`} of this cluster (${names(nodes)}) ` +
      `${nodes.length === 1 ? 'is' : 'are'} of its control plane, where Spark does not run. ` +
      `Add compute nodes, or choose an exception with the annotation ${PROFILE_ANNOTATION}: ${exceptionsText}.`,
  );
}

function checkException(name: string, exception: Exception, nodes: readonly NodeFacts[] | undefined): void {
  const fault =
    nodes === undefined
      ? "the cluster's nodes can't be seen: let the worker list and watch nodes (a ClusterRole)"
      : exception.fault(nodes);
  if (fault === undefined) return;
  throw new PlacementRefused(
    PlacementRefusal.ExceptionNotMet,
    `The placement profile "${name}" is for ${exception.purpose}; ${fault}. Leave it out, or choose another.`,
  );
}

interface RoleContext {
  readonly placement: Placement;
  readonly profile: PlacementProfile;
  readonly exception: Exception | undefined;
  readonly nodes: readonly NodeFacts[] | undefined;
  readonly attemptLabels: Readonly<Record<string, string>>;
}

function placedTemplate(submission: SparkSubmission, role: Role, context: RoleContext): PodTemplate {
  const { placement, profile, exception, nodes, attemptLabels } = context;
  const constraints = constraintsOf(submission, role);
  const pool = placement.pools[profile[role]];
  const required: Requirement[] = [
    ...(exception?.requirements ?? placement.awayFrom),
    ...(pool?.requirements ?? []),
    ...(typeof profile.zones === 'string' ? [] : [{ key: ZONE_LABEL, operator: 'In' as const, values: profile.zones }]),
  ];
  if (exception === undefined) refuseControlPlane(role, constraints, placement, nodes);
  refuseContradiction(role, constraints, required, pool, placement);
  const tolerations =
    exception === undefined ? (pool?.tolerations ?? []) : (placement.pools[CONTROL_PLANE_POOL]?.tolerations ?? []);
  const template = templateOf(submission, role);
  const base = template?.spec === undefined ? { ...template, ...sparkContainerOnly(submission, role) } : template;
  const priorityClassName = profile.priorityClassName[role];
  const hasPriority = base.spec?.priorityClassName !== undefined || base.spec?.priority !== undefined;
  const { topologySpreadConstraints = [] } = base.spec ?? {};
  const near = role === 'executor' && profile.zones === 'same';
  const spread = role === 'executor' && profile.zones === 'spread';
  const preferring = near ? withZoneOf(base.spec?.affinity, attemptLabels) : base.spec?.affinity;
  const affinity = required.length === 0 ? preferring : withRequired(preferring, required);
  const placed: PodTemplate = {
    ...base,
    spec: {
      containers: [],
      ...base.spec,
      ...(affinity === undefined ? {} : { affinity }),
      ...listOf('tolerations', [...(base.spec?.tolerations ?? []), ...newOf(tolerations, base.spec?.tolerations)]),
      ...(priorityClassName === undefined || hasPriority ? {} : { priorityClassName }),
      ...(spread
        ? {
            topologySpreadConstraints: [
              ...topologySpreadConstraints,
              {
                maxSkew: 1,
                topologyKey: ZONE_LABEL,
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: { ...attemptLabels, 'spark-role': 'executor' } },
              },
            ],
          }
        : {}),
    },
  };
  return profile.doNotDisrupt[role] === true ? withAnnotations(placed, placement.doNotDisruptAnnotations) : placed;
}

/** A template that says nothing but which container runs Spark. */
function sparkContainerOnly({ conf }: SparkSubmission, role: Role): PodTemplate {
  const name = conf[`spark.kubernetes.${role}.podTemplateContainerName`] ?? `spark-kubernetes-${role}`;
  return { spec: { containers: [{ name }] } };
}

/** @throws PlacementRefused where the user's own constraints would, by themselves, mean the control plane */
function refuseControlPlane(
  role: Role,
  constraints: NodeConstraints,
  { marks, awayFrom }: Placement,
  nodes: readonly NodeFacts[] | undefined,
): void {
  const { selector, alternatives, nodeName } = constraints;
  const asked = [selector, ...alternatives.map(({ labels }) => labels)]
    .flatMap((requirements) => contradiction([...awayFrom, ...requirements]) ?? [])
    .find((requirement) => !awayFrom.includes(requirement));
  if (asked !== undefined) throw refusedControlPlane(role, `asks for ${describeRequirement(asked)}`);
  if (nodes === undefined || (selector.length + alternatives.length === 0 && nodeName === undefined)) return;
  const matching = nodes.filter((node) => nodeMatches(constraints, node));
  if (matching.length > 0 && matching.every((node) => isMarked(marks, node))) {
    throw refusedControlPlane(role, `matches only nodes of it (${names(matching)})`);
  }
}

function refusedControlPlane(role: Role, why: string): PlacementRefused {
  return new PlacementRefused(
    PlacementRefusal.ControlPlane,
    `The ${role} would run on the control plane: its nodeSelector, affinity or nodeName ${why}. Spark belongs on compute ` +
      `nodes: a heavy job next to the API server or etcd can take the whole cluster down. Remove it, or choose an exception ` +
      `with the annotation ${PROFILE_ANNOTATION}: ${exceptionsText}.`,
  );
}

/** @throws PlacementRefused where no node can meet both the user's constraints and the pool's */
function refuseContradiction(
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
    `The ${role} can't be placed: its nodeSelector or affinity asks for ${describeRequirement(theirs)}, pool "${pool?.name}" ` +
      `for ${describeRequirement(ours)}. Remove it, or choose a profile of another pool with the annotation ${PROFILE_ANNOTATION}` +
      `${fitting === undefined ? '' : ` (pool "${fitting.name}" would do)`}.`,
  );
}

/**
 * With these requirements in every term: terms are alternatives, and one without them would be a way around. A term
 * that says nothing matches nothing, and stays so.
 */
function withRequired(affinity: Affinity | undefined, required: readonly Requirement[]): Affinity {
  const nodeAffinity = affinity?.nodeAffinity;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const expressions = required.map(({ key, operator, values }) => ({
    key,
    operator,
    ...(values === undefined ? {} : { values: [...values] }),
  }));
  const saysNothing = ({ matchExpressions = [], matchFields = [] }: NonNullable<typeof terms>[number]) =>
    matchExpressions.length + matchFields.length === 0;
  return {
    ...affinity,
    nodeAffinity: {
      ...nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms:
          terms === undefined
            ? [{ matchExpressions: expressions }]
            : terms.map((term) =>
                saysNothing(term)
                  ? term
                  : {
                      ...term,
                      matchExpressions: [
                        ...(term.matchExpressions ?? []),
                        ...newOf(expressions, term.matchExpressions),
                      ],
                    },
              ),
      },
    },
  };
}

/** Executors prefer the zone where pods of their attempt are already: the driver comes first. */
function withZoneOf(affinity: Affinity | undefined, attemptLabels: Readonly<Record<string, string>>): Affinity {
  const preferred = affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    ...affinity,
    podAffinity: {
      ...affinity?.podAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [
        ...preferred,
        {
          weight: 100,
          podAffinityTerm: { topologyKey: ZONE_LABEL, labelSelector: { matchLabels: { ...attemptLabels } } },
        },
      ],
    },
  };
}

/** The user's own value of an annotation stays. */
function withAnnotations(template: PodTemplate, annotations: Readonly<Record<string, string>>): PodTemplate {
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...annotations, ...metadata?.annotations } } };
}

/** Those that are not there yet. */
function newOf<T>(added: readonly T[], present: readonly T[] = []): T[] {
  const known = new Set(present.map((each) => JSON.stringify(each)));
  return added.filter((each) => !known.has(JSON.stringify(each)));
}

function names(nodes: readonly NodeFacts[]): string {
  const shown = nodes.slice(0, 5).map(({ name }) => name);
  return [...shown, ...(nodes.length > shown.length ? [`${nodes.length - shown.length} more`] : [])].join(', ');
}

const listOf = <T>(key: 'tolerations', items: T[]): { tolerations?: T[] } =>
  items.length === 0 ? {} : { [key]: items };
