import * as z from 'zod';
import { isRecord, type UnknownRecord } from './unknown-data.ts';

/**
 * A schema in which an empty text counts as absent in every optional field that an empty text does not suit: what a
 * chart prints for a value that is not set. Fields with a list of choices are left out, as the CRD rejects them.
 */
export const emptyAsAbsent = <T extends z.ZodObject>(schema: T): z.ZodType<z.output<T>, z.input<T>> => {
  const withoutEmpty = remover(schema);
  return z.preprocess((value) => withoutEmpty(value), schema) as unknown as z.ZodType<z.output<T>, z.input<T>>;
};

/** Whether a field of such a schema accepts an empty text: for the JSON Schemas of editors. */
export const mayBeEmpty = (field: z.core.$ZodType): boolean => emptiable.has(field);

const emptiable = new WeakSet<z.core.$ZodType>();

function remover(schema: z.ZodObject): (value: unknown) => unknown {
  const names = new Set<string>();
  const nested = new Map<string, (value: unknown) => unknown>();
  for (const [name, field] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const inner: unknown = field instanceof z.ZodExactOptional ? field.unwrap() : undefined;
    if (inner instanceof z.ZodString || inner instanceof z.ZodCustomStringFormat || inner instanceof z.ZodPipe) {
      if (inner.safeParse('').success) continue;
      names.add(name);
      emptiable.add(field);
    } else if (inner instanceof z.ZodObject) nested.set(name, remover(inner));
    else if (field instanceof z.ZodObject) nested.set(name, remover(field));
  }
  return (value) => (isRecord(value) ? withoutEmpty(value) : value);

  /** The record itself where it has no such field. */
  function withoutEmpty(record: UnknownRecord): UnknownRecord {
    let changed: Record<string, unknown> | undefined;
    for (const [name, value] of Object.entries(record)) {
      if (value === '' && names.has(name)) {
        changed ??= { ...record };
        Reflect.deleteProperty(changed, name);
      } else {
        const inner = nested.get(name)?.(value) ?? value;
        if (inner !== value) changed = { ...(changed ?? record), [name]: inner };
      }
    }
    return changed ?? record;
  }
}
