/** An object type whose properties that may be undefined are optional instead, and then not undefined. */
export type Present<T extends object> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} extends infer Properties
  ? { [K in keyof Properties]: Properties[K] }
  : never;

/**
 * A copy without the properties that are undefined, in the same order. For optional properties, which
 * `exactOptionalPropertyTypes` distinguishes from properties that are undefined, as JSON and the API server do:
 *
 *     return { name, ...present({ namespace, labels }) };
 *
 * Null, false, 0 and the empty string stay.
 */
export function present<T extends object>(properties: T): Present<T> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(properties)) if (value !== undefined) copy[key] = value;
  return copy as Present<T>;
}
