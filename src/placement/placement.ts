import type { Toleration } from '../manifest/kubernetes-types.ts';
import { EXCEPTIONS, type ExceptionName } from './exceptions.ts';
import { CONTROLLER_MARKS } from './node-facts.ts';
import { presets, type PresetName } from './presets.ts';
import { ofLabels, opposite, type Requirement } from './requirement.ts';
import type { WrittenAdmission, WrittenPlacement, WrittenPool, WrittenProfile, ZonePolicy } from './schema.ts';
import type { Taint } from './toleration.ts';
import { present } from '../validation/present.ts';

/** The pool that runs our own controllers and no Spark. */
export const CONTROL_PLANE_POOL = 'control-plane';
/** Where the exceptions put pods: any node. */
export const ANY_POOL = 'any';

export interface NodePool {
  readonly name: string;
  readonly purpose?: string;
  /** Requirements for a node of the pool; for a pool without own requirements, that the node belongs to no other. */
  readonly requirements: readonly Requirement[];
  /** Its expressions as written, without what stands for its labels. */
  readonly written: readonly Requirement[];
  /** Whether it contains every node of no other pool. */
  readonly isRest: boolean;
  readonly taints: readonly Taint[];
  readonly tolerations: readonly Toleration[];
  /** An autoscaler may add nodes when pods request them. */
  readonly autoscaled: boolean;
  /** How many applications may have their driver here at once; absent where that is not limited. */
  readonly admission?: WrittenAdmission;
}

export interface PlacementProfile {
  readonly driver: string;
  readonly executor: string;
  readonly zones: ZonePolicy;
  readonly priorityClassName: { readonly driver?: string; readonly executor?: string };
  readonly doNotDisrupt: { readonly driver?: boolean; readonly executor?: boolean };
  /** It allows Spark on the control plane, if the cluster is of the kind that the exception is for. */
  readonly exception?: ExceptionName;
}

/** A checked placement configuration, its preset filled in. */
export interface Placement {
  readonly preset: PresetName;
  readonly pools: Readonly<Record<string, NodePool>>;
  readonly profiles: Readonly<Record<string, PlacementProfile>>;
  readonly defaultProfile: string;
  readonly doNotDisruptAnnotations: Readonly<Record<string, string>>;
  /** Each marks a node as part of the control plane. */
  readonly marks: readonly Requirement[];
  /** What keeps a pod off them all. */
  readonly awayFrom: readonly Requirement[];
  /** For the pool with the remaining nodes: what excludes the other pools, and those that cannot be excluded. */
  readonly exclusions: Exclusions;
}

interface Exclusions {
  readonly requirements: readonly Requirement[];
  readonly unclear: readonly string[];
}

export function resolvePlacement(written: WrittenPlacement): Placement {
  const preset = written.preset ?? 'generic';
  const base = presets[preset];
  const writtenPools: Record<string, WrittenPool> = { ...base.pools };
  for (const [name, pool] of Object.entries(written.pools ?? {})) {
    writtenPools[name] = { ...writtenPools[name], ...pool };
  }
  const exclusions = exclusionsOf(writtenPools);
  const pools = Object.fromEntries(
    Object.entries(writtenPools).map(([name, pool]) => [name, resolvePool(name, pool, exclusions)]),
  );
  const marks = [...CONTROLLER_MARKS, ...(pools[CONTROL_PLANE_POOL]?.requirements ?? [])];
  const awayFrom = marks.flatMap((mark) => opposite(mark) ?? []);
  return {
    preset,
    pools,
    profiles: { ...profilesOf({ ...base.profiles, ...written.profiles }), ...exceptionProfiles },
    defaultProfile: written.defaultProfile ?? 'default',
    doNotDisruptAnnotations: written.doNotDisruptAnnotations ?? base.doNotDisruptAnnotations,
    marks: unique(marks),
    awayFrom: unique(awayFrom),
    exclusions,
  };
}

const isRest = ({ labels = {}, expressions = [] }: WrittenPool): boolean =>
  Object.keys(labels).length + expressions.length === 0;

const requirementsOf = ({ labels, expressions = [] }: WrittenPool): Requirement[] => [
  ...ofLabels(labels),
  ...expressions,
];

function exclusionsOf(pools: Readonly<Record<string, WrittenPool>>): Exclusions {
  const requirements: Requirement[] = [];
  const unclear: string[] = [];
  for (const [name, pool] of Object.entries(pools)) {
    // Nodes that mark the control plane are kept off in any case.
    if (name === CONTROL_PLANE_POOL || isRest(pool)) continue;
    const own = requirementsOf(pool);
    const only = own.length === 1 ? opposite(own[0]!) : undefined;
    if (only === undefined) unclear.push(name);
    else requirements.push(only);
  }
  return { requirements, unclear };
}

function resolvePool(name: string, pool: WrittenPool, exclusions: Exclusions): NodePool {
  const rest = isRest(pool);
  return {
    name,
    ...present({ purpose: pool.purpose }),
    requirements: rest ? exclusions.requirements : requirementsOf(pool),
    written: pool.expressions ?? [],
    isRest: rest,
    taints: pool.taints ?? [],
    tolerations: pool.tolerations ?? [],
    autoscaled: pool.autoscaled ?? false,
    ...present({ admission: pool.admission }),
  };
}

function profilesOf(written: Readonly<Record<string, WrittenProfile>>): Record<string, PlacementProfile> {
  return Object.fromEntries(
    Object.entries(written).map(([name, profile]) => [
      name,
      {
        driver: profile.driver,
        executor: profile.executor,
        zones: profile.zones ?? 'any',
        priorityClassName: profile.priorityClassName ?? {},
        doNotDisrupt: profile.doNotDisrupt ?? {},
      },
    ]),
  );
}

const exceptionProfiles: Readonly<Record<string, PlacementProfile>> = Object.fromEntries(
  (Object.keys(EXCEPTIONS) as ExceptionName[]).map((exception) => [
    exception,
    { driver: ANY_POOL, executor: ANY_POOL, zones: 'any', priorityClassName: {}, doNotDisrupt: {}, exception },
  ]),
);

function unique(requirements: readonly Requirement[]): Requirement[] {
  return [...new Map(requirements.map((each) => [JSON.stringify(each), each])).values()];
}
