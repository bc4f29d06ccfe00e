/** A text of CEL. */
export const celText = (text: string): string => JSON.stringify(text);

/** CEL: that a value matches a pattern of ours. RE2 has no look-ahead: each becomes a condition of its own. */
export function matching(value: string, pattern: string): string {
  const source = pattern.replace(/^\^\$\|/, '');
  const known = equivalents[source];
  const condition = known === undefined ? conditions(value, source) : known.map((part) => matches(value, part));
  const isEmpty = source === pattern ? [] : [`${value} == ""`];
  return [...isEmpty, condition.join(' && ')].join(' || ');
}

/** Patterns with a look-ahead inside, and what is the same: the parts of a qualified name, and their lengths. */
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const name = '[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?';
const equivalents: Readonly<Record<string, readonly string[]>> = {
  [`^((?=[^/]{1,253}\\/)${label}(\\.${label})*\\/)?(?=[^/]{1,63}$)${name}$`]: [
    `^(${label}(\\.${label})*/)?${name}$`,
    '^([^/]{1,253}/)?[^/]{1,63}$',
  ],
};

function conditions(value: string, source: string): string[] {
  const [, ahead = '', rest = ''] = /^\^((?:\(\?[=!][^()]*\))*)(.*)$/.exec(source) ?? [];
  if (rest === '' || rest.includes('(?=') || rest.includes('(?!')) {
    throw new Error(`the pattern ${source} has a look-ahead inside; add what is the same to equivalents`);
  }
  const parts = [...ahead.matchAll(/\(\?([=!])([^()]*)\)/g)].map(([, kind, inner = '']) => {
    const [, least, most] = /^\.\{(\d+),(\d+)\}\$$/.exec(inner) ?? [];
    if (most !== undefined) return `size(${value}) >= ${least} && size(${value}) <= ${most}`;
    return kind === '=' ? matches(value, `^${inner}`) : `!${matches(value, `^${inner}`)}`;
  });
  return [...parts, matches(value, `^${rest}`)].map((part) => part.replace(`size(${value}) >= 0 && `, ''));
}

const matches = (value: string, pattern: string): string =>
  `${value}.matches(${celText(pattern.replaceAll('\\/', '/'))})`;
