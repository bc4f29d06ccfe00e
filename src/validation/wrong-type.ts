import * as z from 'zod';
import type { Format } from './formats.ts';
import { present } from './present.ts';
import type { Explanation } from './problem.ts';
import { isScalar, shorten } from './problems.ts';
import { isRecord } from './unknown-data.ts';

/** A value with what messages may show of it. */
export interface FoundValue {
  readonly value: unknown;
  /** The plain scalar in the text that the value was read from. */
  readonly source?: string | undefined;
  /** Whether messages show only the type. */
  readonly isSecret?: boolean;
}

interface Expectation {
  readonly grammar?: Format | undefined;
  /** Fields of the expected map. */
  readonly shape?: z.core.$ZodShape | undefined;
}

/** Explains to the user that a value has another type than expected. */
export function wrongType(expected: string, found: FoundValue, expectation: Expectation = {}): Explanation {
  return {
    code: 'wrong_type',
    message: `must be ${typeName(expected)}, not ${describe(found)}`,
    ...present({ remedy: found.isSecret === true ? undefined : remedyForType(expected, found, expectation) }),
  };
}

function remedyForType(expected: string, found: FoundValue, { grammar, shape }: Expectation): string | undefined {
  const { value, source } = found;
  switch (expected) {
    case 'string': {
      // `imagePullSecrets: [{ name: regcred }]`, as pods have it.
      if (isRecord(value) && typeof value['name'] === 'string') return `write the name alone: "${value['name']}"`;
      if (!isScalar(value)) return undefined;
      const text = source ?? String(value);
      return grammar?.pattern.test(text) === false ? undefined : inQuotes(text);
    }
    case 'array':
      return isScalar(value) || isRecord(value) ? 'write it as a list, with "- " before each item' : undefined;
    case 'boolean':
      return typeof value === 'string' ? remedyForBoolean(value.toLowerCase()) : undefined;
    case 'number':
    case 'int':
      return typeof value === 'string' && /^-?(?:0|[1-9]\d{0,14})$/.test(value) ? withoutQuotes(value) : undefined;
    case 'object':
      return shape === undefined ? undefined : remedyForMap(value, shape);
    default:
      return undefined;
  }
}

function remedyForBoolean(text: string): string | undefined {
  if (/^(?:true|yes|y|on)$/.test(text)) return withoutQuotes('true');
  return /^(?:false|no|n|off)$/.test(text) ? withoutQuotes('false') : undefined;
}

/** `restartPolicy: Never`, as pods have it, is `restartPolicy: {type: Never}`. */
function remedyForMap(value: unknown, shape: z.core.$ZodShape): string | undefined {
  const field = Object.keys(shape).find((name) => {
    const schema = shape[name];
    const choice = schema instanceof z.ZodExactOptional ? schema.unwrap() : schema;
    return choice instanceof z.ZodEnum && choice.safeParse(value).success;
  });
  return field === undefined ? undefined : `write it as a map: {${field}: ${String(value)}}`;
}

export const inQuotes = (text: string): string => `write it in quotes: "${text}"`;
const withoutQuotes = (value: string): string => `write it without quotes: ${value}`;

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  intOrString: 'a whole number or a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

export const typeName = (type: string): string => typeNames[type] ?? type;

/** The value as a message shows it: as its text has it, and what that means where it means something else. */
export function describe({ value, source, isSecret = false }: FoundValue): string {
  if (isSecret || !isScalar(value)) return kindOf(value);
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  const read = String(value);
  return source === undefined || source === read ? read : `${shorten(source)}, which YAML reads as ${read}`;
}

/** The type of the value, where the value itself must not be shown. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a map';
  return value === null ? 'null' : `a ${typeof value}`;
}
