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
