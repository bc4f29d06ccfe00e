import type { Container, PodSpec } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { qualifiedNameFault } from './names.ts';
import { entriesOf, items, type PodProblems } from './pod-problem.ts';
import { compareQuantities, isWhole, quantityFault } from './quantities.ts';

type Claims = PodSpec['resourceClaims'];

const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];
const isHugePage = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Resources of which the scheduler gives no more than there is: requests equal limits. */
const isExact = (name: string): boolean => !isNative(name) || isHugePage(name);

/** Requests and limits of a container: known resources, in quantities, and no request above its limit. */
export function checkResources(problems: PodProblems, { resources }: Container, claims: Claims, at: ProblemPath): void {
  if (typeof resources !== 'object' || resources === null) return;
  const limits = new Map(entriesOf(resources.limits));
  const requests = entriesOf(resources.requests);
  for (const [name, amount] of limits) checkAmount(problems, name, String(amount), [...at, 'limits', name]);
  for (const [name, amount] of requests) {
    checkAmount(problems, name, String(amount), [...at, 'requests', name]);
    checkAgainstLimit(problems, name, String(amount), limits.get(name), at);
  }
  const used = [...limits.keys(), ...requests.map(([name]) => name)];
  if (used.some(isHugePage) && !used.includes('cpu') && !used.includes('memory')) {
    problems.forbidden(at, 'HugePages require cpu or memory');
  }
  const known = [...items(claims)].map(([, { name }]) => name);
  for (const [index, { name }] of items(resources.claims)) {
    const place = [...at, 'claims', index];
    if (!name) problems.required(place);
    else if (!known.includes(name)) {
      problems.notFound(place, name, `resource claims of the pod: ${known.join(', ') || 'none'}`);
    }
  }
}

function checkAmount(problems: PodProblems, name: string, amount: string, at: ProblemPath): void {
  problems.check(at, name, resourceFault);
  problems.check(at, amount, quantityFault);
  if (!isNative(name) && quantityFault(amount) === undefined && !isWhole(amount)) {
    problems.invalid(at, amount, 'must be an integer');
  }
}

function resourceFault(name: string): string | undefined {
  const fault = qualifiedNameFault(name);
  if (fault !== undefined) return fault;
  if (!name.includes('/')) {
    return STANDARD.includes(name) || isHugePage(name) ? undefined : 'must be a standard resource for containers';
  }
  if (isNative(name)) return undefined;
  const isExtended = !name.startsWith('requests.') && qualifiedNameFault(`requests.${name}`) === undefined;
  return isExtended ? undefined : "doesn't follow extended resource name standard";
}

function checkAgainstLimit(
  problems: PodProblems,
  name: string,
  amount: string,
  limit: string | undefined,
  at: ProblemPath,
): void {
  if (limit === undefined) {
    if (isExact(name)) problems.required([...at, 'limits'], 'Limit must be set for non overcommitable resources');
    return;
  }
  if (quantityFault(amount) !== undefined || quantityFault(String(limit)) !== undefined) return;
  const difference = compareQuantities(amount, String(limit));
  const place = [...at, 'requests', name];
  const other = [...at, 'limits', name];
  if (difference !== 0 && isExact(name)) {
    problems.invalid(place, amount, `must be equal to ${name} limit of ${limit}`, { other });
  } else if (difference > 0) {
    problems.invalid(place, amount, `must be less than or equal to ${name} limit of ${limit}`, { other });
  }
}
