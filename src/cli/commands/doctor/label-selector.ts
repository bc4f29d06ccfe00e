/** What a label selector requires of one label. */
interface Requirement {
  readonly key: string;
  /** Whether an object without the label is selected. */
  readonly absent: boolean;
  /** Whether one with it can be. */
  readonly present: boolean;
  /** The values that are selected. @default all */
  readonly only?: readonly string[];
  /** The values that are not. @default none */
  readonly not?: readonly string[];
}

/** A label selector of Kubernetes; all requirements hold together, none selects everything. */
export type LabelSelector = readonly Requirement[];

const SET = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/;
const EQUALITY = /^([^!=\s]+)\s*(!=|==?)\s*(\S*)$/;

/** Reads `a=b,c!=d,e in (f,g),!h`; a term that cannot be read requires nothing, so that no overlap is missed. */
export function parseSelector(text: string): LabelSelector {
  return termsOf(text)
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map(requirement);
}

/** The parts between the commas that are not in parentheses. */
function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const part of text.split(',')) {
    const last = terms.at(-1);
    if (last !== undefined && last.includes('(') && !last.includes(')')) terms[terms.length - 1] = `${last},${part}`;
    else terms.push(part);
  }
  return terms;
}

function requirement(term: string): Requirement {
  const [, key = '', operator, listed = ''] = SET.exec(term) ?? [];
  if (operator !== undefined)
    return ofValues(
      key,
      operator === 'in',
      listed.split(',').map((value) => value.trim()),
    );
  const [, label, sign, value = ''] = EQUALITY.exec(term) ?? [];
  if (label !== undefined) return ofValues(label, sign !== '!=', [value]);
  if (term.startsWith('!')) return { key: term.slice(1).trim(), absent: true, present: false };
  return { key: term, absent: false, present: true };
}

const ofValues = (key: string, isIn: boolean, values: readonly string[]): Requirement =>
  isIn ? { key, absent: false, present: true, only: values } : { key, absent: true, present: true, not: values };

export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every(({ key, absent, present, only, not }) => {
    const value = labels[key];
    if (value === undefined) return absent;
    return present && only?.includes(value) !== false && not?.includes(value) !== true;
  });
}

/** Whether an object can be selected by both. */
export function canOverlap(one: LabelSelector, other: LabelSelector): boolean {
  const all = [...one, ...other];
  return [...new Set(all.map(({ key }) => key))].every((key) => {
    const own = all.filter((each) => each.key === key);
    if (own.every(({ absent }) => absent)) return true;
    if (own.some(({ present }) => !present)) return false;
    const values = own.flatMap(({ only = [] }) => only);
    // Any other value will do where none is required.
    return own.every(({ only }) => only === undefined) || values.some((value) => selects(own, { [key]: value }));
  });
}
