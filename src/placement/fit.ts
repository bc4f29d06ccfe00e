import type { SparkSubmission } from '../spark/submission.ts';
import { alternativeMatches, constraintsOf, type NodeConstraints, type Role } from './constraints.ts';
import { isMarked, ZONE_LABEL, type NodeFacts } from './node-facts.ts';
import { formatQuantity, quantity } from '../validation/quantity.ts';
import type { Placement, PlacementProfile } from './placement.ts';
import { describeRequirement, isMetBy, type Requirement } from './requirement.ts';
import { describeTaint, isTolerated } from './toleration.ts';

/** What one pod requests, by resource, in base units: cores, bytes, pieces. */
export type Requests = Readonly<Record<string, number>>;

/** Why a node cannot take a pod; the first kinds are nearer to a fit than the last. */
const MissKind = { Size: 'Size', Taint: 'Taint', Zone: 'Zone', Label: 'Label' } as const;
type MissKind = (typeof MissKind)[keyof typeof MissKind];
const DISTANCE: Readonly<Record<MissKind, number>> = { Size: 1, Taint: 2, Zone: 4, Label: 8 };

interface Miss {
  readonly kind: MissKind;
  readonly text: string;
}

/** Which nodes of a cluster fit one pod, regardless of what runs there now. */
export interface Fit {
  /** Names of nodes whose labels and taints admit the pod. */
  readonly admitted: readonly string[];
  /** Those of them that are large enough when empty. */
  readonly fitting: readonly string[];
  /** Where none fits: the node that comes nearest, and what is in the way. */
  readonly nearest?: { readonly node: string; readonly missing: string };
}

/** @param marks what marks nodes of the control plane, which are never reported as nearest */
export function fit(
  nodes: readonly NodeFacts[],
  constraints: NodeConstraints,
  requests: Requests,
  marks: readonly Requirement[],
): Fit {
  const candidates = nodes.map((node) => ({ node, misses: missesOf(node, constraints, requests) }));
  const admitted = candidates.filter(({ misses }) => misses.every(({ kind }) => kind === MissKind.Size));
  const fitting = admitted.filter(({ misses }) => misses.length === 0);
  const near = candidates.filter(({ node }) => !isMarked(marks, node));
  const nearest = fitting.length > 0 ? undefined : near.toSorted((a, b) => distance(a.misses) - distance(b.misses))[0];
  return {
    admitted: admitted.map(({ node }) => node.name),
    fitting: fitting.map(({ node }) => node.name),
    ...(nearest === undefined
      ? {}
      : { nearest: { node: nearest.node.name, missing: nearest.misses.map(({ text }) => text).join('; ') } }),
  };
}

const distance = (misses: readonly Miss[]): number => misses.reduce((sum, { kind }) => sum + DISTANCE[kind], 0);

function missesOf(node: NodeFacts, constraints: NodeConstraints, requests: Requests): Miss[] {
  return [...labelMisses(node, constraints), ...taintMisses(node, constraints), ...sizeMisses(node, requests)];
}

function labelMisses(node: NodeFacts, { selector, alternatives, nodeName }: NodeConstraints): Miss[] {
  const misses = selector.flatMap((requirement) => labelMiss(node, requirement) ?? []);
  if (nodeName !== undefined && nodeName !== node.name) misses.push({ kind: 'Label', text: `it is not ${nodeName}` });
  if (alternatives.length === 0 || alternatives.some((alternative) => alternativeMatches(alternative, node))) {
    return misses;
  }
  const perTerm = alternatives.map(({ labels, fields }) => [
    ...labels.flatMap((requirement) => labelMiss(node, requirement) ?? []),
    ...fields.flatMap((requirement): Miss[] =>
      isMetBy(requirement, { 'metadata.name': node.name })
        ? []
        : [{ kind: 'Label', text: `the pod asks for ${describeRequirement(requirement)}` }],
    ),
  ]);
  const best = perTerm.toSorted((a, b) => distance(a) - distance(b))[0]!;
  return [
    ...misses,
    ...(best.length > 0 ? best : [{ kind: 'Label' as const, text: 'its affinity term matches nothing' }]),
  ];
}

function labelMiss({ labels }: NodeFacts, requirement: Requirement): Miss | undefined {
  if (isMetBy(requirement, labels)) return undefined;
  const { key } = requirement;
  const has = Object.hasOwn(labels, key) ? `it has ${key}=${labels[key]}` : `it has no label ${key}`;
  return {
    kind: key === ZONE_LABEL ? MissKind.Zone : MissKind.Label,
    text: `the pod asks for ${describeRequirement(requirement)}, ${has}`,
  };
}

function taintMisses({ taints }: NodeFacts, { tolerations }: NodeConstraints): Miss[] {
  return taints
    .filter((taint) => !isTolerated(taint, tolerations))
    .map((taint) => ({ kind: 'Taint', text: `the pod does not tolerate its taint ${describeTaint(taint)}` }));
}

/** How many such pods a node takes when it is empty. */
export function roomFor({ allocatable }: NodeFacts, requests: Requests): number {
  const counts = Object.entries(requests)
    .filter(([, wanted]) => wanted > 0)
    .map(([resource, wanted]) => Math.floor(quantity(allocatable[resource]) / wanted));
  return Math.min(...counts, Math.floor(quantity(allocatable['pods'] ?? UNLIMITED)));
}

/** Default where a node does not report how many pods it takes. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** As text for users: `cpu 1, memory 1.4Gi`. */
export const describeRequests = (requests: Requests): string =>
  Object.entries(requests)
    .map(([resource, amount]) => `${resource} ${formatQuantity(resource, amount)}`)
    .join(', ');

function sizeMisses({ allocatable }: NodeFacts, requests: Requests): Miss[] {
  return Object.entries(requests).flatMap(([resource, wanted]): Miss[] => {
    const has = quantity(allocatable[resource]);
    if (wanted <= has) return [];
    const [asks, offers] = [wanted, has].map((amount) => formatQuantity(resource, amount));
    return [{ kind: 'Size', text: `the pod requests ${resource} ${asks}, it has ${offers}` }];
  });
}

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
