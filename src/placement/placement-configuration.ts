import { closest, didYouMean } from '../validation/closest.ts';
import type { FoundProblem, ManifestProblem, ProblemPath } from '../validation/problem.ts';
import { pathText, problemAt } from '../validation/problems.ts';
import { ConfigurationFormat } from '../validation/configuration-file.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { NodeFacts } from './node-facts.ts';
import { CONTROL_PLANE_POOL, resolvePlacement, type NodePool, type Placement } from './placement.ts';
import { PlacementConfigurationError } from './placement-error.ts';
import { contradiction, describeRequirement, isMetBy, type Requirement } from './requirement.ts';
import { placementSchema, type WrittenPlacement } from './schema.ts';
import { describeTaint, isTolerated } from './toleration.ts';

const format = new ConfigurationFormat({
  name: 'placement configuration',
  schema: placementSchema,
  findProblems: contradictions,
  error: PlacementConfigurationError,
});

/**
 * Reads a placement configuration from YAML or JSON, and checks it.
 *
 * @throws PlacementConfigurationError with every problem, its path, value, line and remedy
 */
export const readPlacement = (text: string, fileName?: string): WrittenPlacement => format.read(text, fileName);

/**
 * Checks a placement configuration and fills in its preset. Without one it is the preset `generic`.
 *
 * @throws PlacementConfigurationError with every problem, its path, value and remedy
 */
export const parsePlacement = (written: unknown = {}): Placement => resolvePlacement(format.parse(written));

function contradictions(written: WrittenPlacement): FoundProblem[] {
  const placement = resolvePlacement(written);
  const problem = (path: ProblemPath, message: string, remedy: string) =>
    problemAt(written, path, { code: 'invalid', message, remedy });
  return [
    ...poolProblems(placement, problem),
    ...sameNodesProblems(written, placement, problem),
    ...profileProblems(written, placement, problem),
    ...defaultProblems(written, placement, problem),
  ];
}

type Problem = (path: ProblemPath, message: string, remedy: string) => FoundProblem;

function* poolProblems({ pools, exclusions }: Placement, problem: Problem): Generator<FoundProblem> {
  for (const pool of Object.values(pools)) {
    const path = ['pools', pool.name];
    for (const [index, { operator, values = [], key }] of pool.requirements.entries()) {
      if ((operator === 'In' || operator === 'NotIn') === values.length > 0) continue;
      const position = index - (pool.requirements.length - pool.written.length);
      yield problem(
        [...path, 'expressions', position, 'values'],
        operator === 'In'
          ? 'is empty, so that no node matches'
          : `must ${values.length > 0 ? 'not ' : ''}be given with ${operator}`,
        `name the values that ${key} may have, or use Exists or DoesNotExist without values`,
      );
    }
    const opposed = contradiction(pool.requirements);
    if (opposed !== undefined) {
      yield problem(
        path,
        `matches nothing: no node has both ${opposed.map(describeRequirement).join(' and ')}`,
        'remove one of the two',
      );
    }
    for (const [index, { key, operator = 'Equal', value }] of pool.tolerations.entries()) {
      const isExists = operator === 'Exists';
      if (isExists ? value === undefined : key !== undefined) continue;
      yield problem(
        [...path, 'tolerations', index],
        isExists ? 'has a value with operator Exists, which Kubernetes rejects' : 'has no key, so it tolerates nothing',
        isExists
          ? 'leave out the value, or use operator Equal'
          : 'give the key; operator Exists without one tolerates all taints',
      );
    }
    for (const [index, taint] of pool.taints.entries()) {
      if (isTolerated(taint, pool.tolerations)) continue;
      yield problem(
        [...path, 'taints', index],
        `${describeTaint(taint)} repels every pod, because the pool has no toleration for it`,
        `add to pools.${pool.name}.tolerations: ${JSON.stringify({ key: taint.key, operator: 'Exists', effect: taint.effect })}`,
      );
    }
    const unclear = pool.isRest ? exclusions.unclear[0] : undefined;
    if (unclear !== undefined) {
      yield problem(
        path,
        `has no labels or expressions, so it would contain every node of no other pool; but pool ${unclear} is selected by more than one label and cannot be excluded`,
        `give ${pool.name} labels of its own, or select ${unclear} by one label`,
      );
    }
  }
}

/** Pools with the same nodes: it would be undefined which limits and tolerations apply to a node. */
function* sameNodesProblems(
  { pools: written = {} }: WrittenPlacement,
  { pools, profiles, marks }: Placement,
  problem: Problem,
): Generator<FoundProblem> {
  const first = new Map<string, string>();
  const used = new Set(Object.values(profiles).flatMap(({ driver, executor }) => [driver, executor]));
  // Those of the preset first: the problem is with what was written.
  const preset = Object.values(pools).filter(({ name }) => !Object.hasOwn(written, name));
  const own = Object.values(pools).filter(({ name }) => Object.hasOwn(written, name));
  for (const { name, isRest, requirements } of [...preset, ...own]) {
    const path = ['pools', name];
    if (name === CONTROL_PLANE_POOL) {
      if (!isRest) continue;
      yield problem(
        path,
        'has no labels or expressions, so no node would belong to it',
        `give it a label that only its nodes have, or remove it: ${marks
          .filter(({ operator }) => operator === 'Exists')
          .map(({ key }) => key)
          .join(', ')} count in any case`,
      );
      continue;
    }
    // A pool with the remaining nodes under another name replaces that of the preset, which no profile names then.
    if (isRest && !used.has(name)) continue;
    const nodes = isRest ? '' : selectorOf(requirements);
    const same = first.get(nodes);
    if (same === undefined) {
      first.set(nodes, name);
      continue;
    }
    yield problem(
      path,
      isRest
        ? `has no labels or expressions, like pool ${same}: both would contain every node of no other pool`
        : `has the same labels and expressions as pool ${same}, so both contain the same nodes`,
      `give ${name} a label that only its nodes have, or remove one of the two`,
    );
  }
}

/** The same for the same requirements, however they are written. */
function selectorOf(requirements: readonly Requirement[]): string {
  const texts = requirements.map(({ values = [], ...each }) =>
    describeRequirement({ ...each, values: values.toSorted() }),
  );
  return [...new Set(texts)].sort().join(' and ');
}

function* profileProblems(written: WrittenPlacement, placement: Placement, problem: Problem): Generator<FoundProblem> {
  for (const name of Object.keys(written.profiles ?? {})) {
    if (!Object.hasOwn(EXCEPTIONS, name)) continue;
    yield problem(
      ['profiles', name],
      'is the name of a built-in profile',
      `the profiles ${Object.keys(EXCEPTIONS).join(', ')} are exceptions with rules of their own; choose another name`,
    );
  }
  for (const [name, profile] of Object.entries(placement.profiles)) {
    if (profile.exception !== undefined) continue;
    for (const role of ['driver', 'executor'] as const) {
      const path = ['profiles', name, role];
      const pool = placement.pools[profile[role]];
      if (pool === undefined) {
        yield problem(
          path,
          `unknown pool "${profile[role]}"`,
          suggestionFor(profile[role], Object.keys(placement.pools)),
        );
        continue;
      }
      const opposed = contradiction([...pool.requirements, ...placement.awayFrom]);
      if (pool.name !== CONTROL_PLANE_POOL && opposed === undefined) continue;
      yield problem(
        path,
        `"${pool.name}" belongs to the control plane, where Spark does not run`,
        `name another pool; on a single node, in a demo or in CI use the profile ${Object.keys(EXCEPTIONS).join(', ')}`,
      );
    }
  }
}

function* defaultProblems(
  { defaultProfile }: WrittenPlacement,
  { profiles }: Placement,
  problem: Problem,
): Generator<FoundProblem> {
  if (defaultProfile === undefined || Object.hasOwn(profiles, defaultProfile)) return;
  yield problem(
    ['defaultProfile'],
    `unknown profile "${defaultProfile}"`,
    suggestionFor(defaultProfile, Object.keys(profiles)),
  );
}

const suggestionFor = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) ?? `known: ${known.join(', ')}`;

/**
 * Checks the pools against the cluster's nodes: a pool that matches none, and to which no autoscaler adds any, is a
 * mistake in the configuration.
 *
 * @throws PlacementConfigurationError
 */
export function checkPoolsAgainst(placement: Placement, nodes: readonly NodeFacts[]): void {
  const { preset } = placement;
  const problems: ManifestProblem[] = [];
  for (const pool of poolsToCheck(placement)) {
    const { name, requirements } = pool;
    if (nodes.some(({ labels }) => requirements.every((requirement) => isMetBy(requirement, labels)))) continue;
    const path = ['pools', name];
    problems.push({
      document: 1,
      path,
      pathText: pathText(path),
      code: 'matches_nothing',
      message: `(preset ${preset}) matches none of the cluster's ${nodes.length} nodes: it requires ${requirements.map(describeRequirement).join(' and ')}`,
      remedy: poolProblem(pool, nodes),
    });
  }
  if (problems.length > 0) throw new PlacementConfigurationError(problems);
}

/** What to do about a pool that has no node. */
export function poolProblem({ requirements, isRest }: NodePool, nodes: readonly NodeFacts[]): string {
  if (isRest) return 'add nodes that belong to no other pool and not to the control plane';
  return (
    `${labelsSeen(requirements[0]!.key, nodes)}; correct the pool, label its nodes (kubectl label nodes NAME KEY=VALUE), ` +
    'or set autoscaled: true if an autoscaler adds them'
  );
}

/** Pools that Spark uses and that must have nodes already. */
export function poolsToCheck({ pools, profiles }: Placement): NodePool[] {
  const used = new Set(Object.values(profiles).flatMap(({ driver, executor }) => [driver, executor]));
  return Object.values(pools).filter(({ name, autoscaled, isRest }) => used.has(name) && !autoscaled && !isRest);
}

function labelsSeen(key: string, nodes: readonly NodeFacts[]): string {
  const values = new Set(nodes.flatMap(({ labels }) => (Object.hasOwn(labels, key) ? [labels[key]!] : [])));
  if (values.size > 0) return `the nodes have ${key}=${[...values].slice(0, 5).join(', ')}`;
  const similar = closest(key, [...new Set(nodes.flatMap(({ labels }) => Object.keys(labels)))]);
  return `no node has the label ${key}${similar === undefined ? '' : ` (but some have ${similar})`}`;
}
