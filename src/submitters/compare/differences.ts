/** One place where two JSON values differ, as a JSON pointer (RFC 6901) with what each has there. */
export interface Difference {
  readonly path: string;
  /** Undefined where there is nothing. */
  readonly from: unknown;
  /** Undefined where there is nothing. */
  readonly to: unknown;
}

/** Every place where they differ, in the order of the first; objects that both have are looked into. */
export function differences(from: unknown, to: unknown, path = ''): Difference[] {
  if (isTree(from) && isTree(to) && Array.isArray(from) === Array.isArray(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => differences(from[key], to[key], `${path}/${escaped(key)}`));
  }
  return Object.is(from, to) ? [] : [{ path, from, to }];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A key as a segment of a JSON pointer. */
export const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
