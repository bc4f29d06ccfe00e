/** Data of unknown shape, read without trust. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

const EMPTY: UnknownRecord = {};

export const isRecord = (value: unknown): value is UnknownRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value as an object; an empty one where it is something else. */
export const asRecord = (value: unknown): UnknownRecord => (isRecord(value) ? value : EMPTY);

/** The value as an array; an empty one where it is something else. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value where it is a string. */
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The value where it is not an object or a list, which need not have a text: `{"toString": 1}` has none. */
export const asScalar = <T>(value: T): T | undefined => (typeof value === 'object' ? undefined : value);

/** Sets an own property whatever its name, `__proto__` included. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key in target)
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}
