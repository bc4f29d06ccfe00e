import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Path = (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [...(path.length > 0 ? [path] : []), ...entries.flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

type Change = (value: Json) => Json | undefined;

/** The value with the one at the path changed; removed if it is changed to undefined. */
function changed(value: Json, [step, ...rest]: Path, change: Change): Json {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, Json>;
  const old = copy[step];
  if (old === undefined) return value;
  const replacement = rest.length === 0 ? change(old) : changed(old, rest, change);
  if (replacement !== undefined) copy[step] = replacement;
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else delete copy[step];
  return copy;
}

/** Text that users may write, and text that no user would. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    ' ',
    '1',
    '-1',
    '1Gi',
    '1.5g',
    'true',
    'null',
    'Never',
    'client',
    'spark.master',
    '${x}',
    '__proto__',
  ),
  fc.constant('9'.repeat(5000)),
);
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  text,
  fc.constantFrom<Json>(
    null,
    0,
    -1,
    0.5,
    1e300,
    2 ** 31,
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    { name: 'a' },
    { name: null },
  ),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  anything.map(
    (value): Change =>
      () =>
        value,
  ),
  fc.constant<Change>(() => undefined),
  fc.constant<Change>((value) => [value]),
  fc.constant<Change>((value) => ({ value })),
  fc.constant<Change>((value) => (typeof value === 'object' ? value : String(value))),
  fc.constant<Change>((value) => (typeof value === 'string' ? Number(value) || 0 : -Number(value) || 0)),
  fc.constant<Change>((value) => (Array.isArray(value) ? [...value, ...value] : value)),
  fc.tuple(text, anything).map(
    ([key, item]): Change =>
      (value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, [key]: item } : item,
  ),
  fc.constant<Change>((value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [`${key}x`, item]))
      : value,
  ),
);

/** Each of the values with up to four places of it changed, removed, or made into something else. */
export const mutationsOf = (...values: readonly unknown[]): fc.Arbitrary<Json> =>
  fc
    .constantFrom(...(values as Json[]))
    .chain((value) =>
      fc
        .array(fc.tuple(fc.constantFrom(...pathsIn(value)), change), { minLength: 1, maxLength: 4 })
        .map((changes) => changes.reduce((result, [path, apply]) => changed(result, path, apply), value)),
    );
