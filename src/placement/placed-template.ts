import type { PodTemplate } from '../kubernetes/objects.ts';
import type { Affinity } from '../manifest/kubernetes-types.ts';
import type { SparkSubmission } from '../spark/submission.ts';
import { present } from '../validation/present.ts';
import { constraintsOf, templateOf, type Role } from './constraints.ts';
import type { Exception } from './exceptions.ts';
import { ZONE_LABEL, type NodeFacts } from './node-facts.ts';
import { CONTROL_PLANE_POOL, type Placement, type PlacementProfile } from './placement.ts';
import { refuseContradiction, refuseControlPlane } from './refuse.ts';
import type { Requirement } from './requirement.ts';

type TopologySpreadConstraint = NonNullable<NonNullable<PodTemplate['spec']>['topologySpreadConstraints']>[number];

export interface RoleContext {
  readonly placement: Placement;
  readonly profile: PlacementProfile;
  readonly exception: Exception | undefined;
  readonly nodes: readonly NodeFacts[] | undefined;
  readonly attemptLabels: Readonly<Record<string, string>>;
}

/** The pod template of a role with what the profile and its pool add. @throws PlacementRefused */
export function placedTemplate(submission: SparkSubmission, role: Role, context: RoleContext): PodTemplate {
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
  const hasPriority = base.spec?.priorityClassName !== undefined || base.spec?.priority !== undefined;
  const near = role === 'executor' && profile.zones === 'same';
  const spread = role === 'executor' && profile.zones === 'spread';
  const preferring = near ? withZoneOf(base.spec?.affinity, attemptLabels) : base.spec?.affinity;
  const allTolerations = [...(base.spec?.tolerations ?? []), ...missingFrom(tolerations, base.spec?.tolerations)];
  const placed: PodTemplate = {
    ...base,
    spec: {
      containers: [],
      ...base.spec,
      ...present({
        affinity: required.length === 0 ? preferring : withRequired(preferring, required),
        tolerations: allTolerations.length === 0 ? undefined : allTolerations,
        priorityClassName: hasPriority ? undefined : profile.priorityClassName[role],
        topologySpreadConstraints: spread
          ? [...(base.spec?.topologySpreadConstraints ?? []), overZones(attemptLabels)]
          : undefined,
      }),
    },
  };
  return profile.doNotDisrupt[role] === true ? withAnnotations(placed, placement.doNotDisruptAnnotations) : placed;
}

/** Spreads the executors of an attempt over the zones, as far as there is room. */
function overZones(attemptLabels: Readonly<Record<string, string>>): TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: ZONE_LABEL,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { ...attemptLabels, 'spark-role': 'executor' } },
  };
}

/** A template that only names the container that runs Spark. */
function sparkContainerOnly({ conf }: SparkSubmission, role: Role): PodTemplate {
  const name = conf[`spark.kubernetes.${role}.podTemplateContainerName`] ?? `spark-kubernetes-${role}`;
  return { spec: { containers: [{ name }] } };
}

/** Adds annotations; the user's own values win. */
export function withAnnotations(template: PodTemplate, annotations: Readonly<Record<string, string>>): PodTemplate {
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...annotations, ...metadata?.annotations } } };
}

/**
 * Adds the requirements to every term: terms are alternatives, and one without them would bypass them. An empty term
 * matches no node, and stays empty.
 */
function withRequired(affinity: Affinity | undefined, required: readonly Requirement[]): Affinity {
  const nodeAffinity = affinity?.nodeAffinity;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const expressions = required.map(({ key, operator, values }) => ({
    key,
    operator,
    ...present({ values: values && [...values] }),
  }));
  const isEmpty = ({ matchExpressions = [], matchFields = [] }: NonNullable<typeof terms>[number]) =>
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
                isEmpty(term)
                  ? term
                  : {
                      ...term,
                      matchExpressions: [
                        ...(term.matchExpressions ?? []),
                        ...missingFrom(expressions, term.matchExpressions),
                      ],
                    },
              ),
      },
    },
  };
}

/** Executors prefer the zone of their attempt's pods: the driver's, which starts first. */
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

/** The items to add that are not among the existing ones. */
function missingFrom<T>(added: readonly T[], existing: readonly T[] = []): T[] {
  const known = new Set(existing.map((each) => JSON.stringify(each)));
  return added.filter((each) => !known.has(JSON.stringify(each)));
}
