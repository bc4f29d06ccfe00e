/** One place where two JSON values differ, as a JSON pointer (RFC 6901) with what each has there. */
export interface Difference {
  readonly path: string;
  readonly spark: unknown;
  readonly ours: unknown;
}

export function differences(spark: unknown, ours: unknown, path = ''): Difference[] {
  if (isTree(spark) && isTree(ours) && Array.isArray(spark) === Array.isArray(ours)) {
    const keys = [...new Set([...Object.keys(spark), ...Object.keys(ours)])];
    return keys.flatMap((key) => differences(spark[key], ours[key], `${path}/${escaped(key)}`));
  }
  return Object.is(spark, ours) ? [] : [{ path, spark, ours }];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
