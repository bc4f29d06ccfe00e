import type { FoundProblem, ProblemPath } from './problem.ts';

// Far deeper than any real manifest, and far from the end of the stack.
const MAX_DEPTH = 64;

/**
 * A copy of what a person gave us that is safe to work on: without the null values of maps, which an API server treats
 * as absent; nothing that holds itself, as an anchor may; no `__proto__`, which schemas overlook; no number beyond all
 * numbers, which JSON does not have.
 */
export function plainData(given: unknown): { value: unknown; problems: readonly FoundProblem[] } {
  const problems: FoundProblem[] = [];
  const ancestors: unknown[] = [];

  const copy = (value: unknown, path: ProblemPath): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      problems.push({ path, code: 'not_finite', message: 'is not a finite number' });
      return undefined;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.length === MAX_DEPTH || ancestors.includes(value)) {
      const message = ancestors.includes(value) ? 'holds itself' : `is more than ${MAX_DEPTH} levels deep`;
      problems.push({ path, code: 'too_deep', message });
      return undefined;
    }
    ancestors.push(value);
    const result = Array.isArray(value)
      ? value.map((item, index) => copy(item, [...path, index]))
      : Object.fromEntries(copyEntries(value, path));
    ancestors.pop();
    return result;
  };

  const copyEntries = function* (value: object, path: ProblemPath): Generator<[string, unknown]> {
    for (const [key, item] of Object.entries(value)) {
      if (item === null || item === undefined) continue;
      if (key === '__proto__')
        problems.push({ path: [...path, key], code: 'invalid_key', message: 'is not a valid key' });
      else yield [key, copy(item, [...path, key])];
    }
  };

  return { value: copy(given, []), problems };
}
