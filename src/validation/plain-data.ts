import { lengthFault, Longest } from './lengths.ts';
import type { FoundProblem } from './problem.ts';
import { shorten } from './problems.ts';
import { setOwn, type UnknownRecord } from './unknown-data.ts';

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
  /** Of the value that is copied; the same list all the time, because few values have problems. */
  const path: (string | number)[] = [];
  const refuse = (code: string, message: string): undefined => {
    problems.push({ path: [...path], code, message });
  };

  const copy = (value: unknown): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) return refuse('not_finite', 'is not a finite number');
    if (typeof value === 'string' && !value.isWellFormed()) return refuse('invalid_text', 'is not valid Unicode text');
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.includes(value)) return refuse('too_deep', 'contains itself');
    if (ancestors.length === MAX_DEPTH) return refuse('too_deep', `is more than ${MAX_DEPTH} levels deep`);
    ancestors.push(value);
    const result = Array.isArray(value) ? value.map((item, index) => copyAt(index, item)) : copyMap(value);
    ancestors.pop();
    return result;
  };

  const copyAt = (part: string | number, item: unknown): unknown => {
    path.push(part);
    const result = copy(item);
    path.pop();
    return result;
  };

  const copyMap = (map: object): UnknownRecord => {
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries<unknown>(map as UnknownRecord)) {
      if (item === null || item === undefined) continue;
      const fault = lengthFault(key, Longest.Path);
      if (fault !== undefined) problems.push({ path: [...path, shorten(key)], ...fault });
      else if (key === '__proto__' || !key.isWellFormed())
        problems.push({ path: [...path, key.toWellFormed()], code: 'invalid_key', message: 'is not a valid key' });
      else setOwn(result, key, copyAt(key, item));
    }
    return result;
  };

  return { value: copy(given), problems };
}
