import { lengthFault, Longest } from './lengths.ts';
import type { FoundProblem, ProblemPath } from './problem.ts';
import { shorten } from './problems.ts';

// Far deeper than any real manifest, and far from overflowing the stack.
const MAX_DEPTH = 64;

/**
 * A copy of user input that is safe to process: without null values in maps, which an API server treats as absent;
 * without cycles, which YAML anchors can build; without `__proto__`, which schemas overlook; without infinite numbers,
 * which JSON does not have; without keys that are longer than any path; without half characters, which JSON can escape
 * but neither Temporal nor Kubernetes takes.
 */
export function plainData(given: unknown): { value: unknown; problems: readonly FoundProblem[] } {
  const problems: FoundProblem[] = [];
  const ancestors: unknown[] = [];

  const copy = (value: unknown, path: ProblemPath): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      problems.push({ path, code: 'not_finite', message: 'is not a finite number' });
      return undefined;
    }
    if (typeof value === 'string' && !value.isWellFormed()) {
      problems.push({ path, code: 'invalid_text', message: 'is not valid Unicode text' });
      return undefined;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.length === MAX_DEPTH || ancestors.includes(value)) {
      const message = ancestors.includes(value) ? 'contains itself' : `is more than ${MAX_DEPTH} levels deep`;
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
      const fault = lengthFault(key, Longest.Path);
      if (fault !== undefined) problems.push({ path: [...path, shorten(key)], ...fault });
      else if (key === '__proto__' || !key.isWellFormed())
        problems.push({ path: [...path, key.toWellFormed()], code: 'invalid_key', message: 'is not a valid key' });
      else yield [key, copy(item, [...path, key])];
    }
  };

  return { value: copy(given, []), problems };
}
