import { present } from '../validation/present.ts';
/**
 * What a pod requires of a node's labels, in the terms of Kubernetes' node affinity.
 *
 * @module
 */

/** One expression of a node selector term. `Gt` and `Lt` only occur in what users write. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** The expressions that stand for a map of labels. */
export const ofLabels = (labels: Labels = {}): Requirement[] =>
  Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] }));

/** Whether a node with these labels meets it, as the scheduler sees it. */
export function isMetBy({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return operator satisfies never;
  }
}

const OPPOSITE = { In: 'NotIn', NotIn: 'In', Exists: 'DoesNotExist', DoesNotExist: 'Exists' } as const;

/** What every node meets that does not meet this one; a comparison of numbers has no opposite in node affinity. */
export function opposite({ key, operator, values }: Requirement): Requirement | undefined {
  if (operator === 'Gt' || operator === 'Lt') return undefined;
  return { key, operator: OPPOSITE[operator], ...present({ values }) };
}

/** The first two that exclude each other, if any. */
export function contradiction(requirements: readonly Requirement[]): readonly [Requirement, Requirement] | undefined {
  for (const [index, one] of requirements.entries()) {
    for (const other of requirements.slice(index + 1)) {
      if (one.key === other.key && !possible([one, other])) return [one, other];
    }
  }
  return undefined;
}

/** Whether some value of the label they share, or its absence, meets all. */
function possible(requirements: readonly Requirement[]): boolean {
  const key = requirements[0]!.key;
  const listed = requirements.flatMap(({ values = [] }) => values);
  // One value that no requirement names stands for all unnamed values.
  const candidates: Labels[] = [{}, { [key]: `${listed.join('')}-` }, ...listed.map((value) => ({ [key]: value }))];
  const open = requirements.some(({ operator }) => operator === 'Gt' || operator === 'Lt');
  return open || candidates.some((labels) => requirements.every((requirement) => isMetBy(requirement, labels)));
}

/** As text for users: `zone in (a, b)`. */
export function describeRequirement({ key, operator, values = [] }: Requirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} not in (${values.join(', ')})`;
    case 'Exists':
      return `a label ${key}`;
    case 'DoesNotExist':
      return `no label ${key}`;
    case 'Gt':
      return `${key} > ${values[0]}`;
    case 'Lt':
      return `${key} < ${values[0]}`;
    default:
      return operator satisfies never;
  }
}
