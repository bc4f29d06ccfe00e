import { Longest } from './lengths.ts';
import type { Format } from './formats.ts';
import type { Explanation } from './problem.ts';
import { isScalar, shorten } from './problems.ts';
import { isRecord } from './unknown-data.ts';

/**
 * Explains to the user that a value has another type than expected.
 *
 * @param found the value as the message may show it
 */
export function wrongType(expected: string, value: unknown, found: string, grammar?: Format): Explanation {
  const remedy = remedyForType(expected, value, grammar);
  return {
    code: 'wrong_type',
    message: `must be ${typeName(expected)}, not ${found}`,
    ...(remedy !== undefined && { remedy }),
  };
}

function remedyForType(expected: string, value: unknown, grammar: Format | undefined): string | undefined {
  switch (expected) {
    case 'string':
      // `imagePullSecrets: [{ name: regcred }]`, as pods have it.
      if (isRecord(value) && typeof value['name'] === 'string') return `write the name alone: "${value['name']}"`;
      return isScalar(value) && grammar?.pattern.test(String(value)) !== false ? inQuotes(value) : undefined;
    case 'array':
      return isScalar(value) || isRecord(value) ? 'write it as a list, with "- " before each item' : undefined;
    case 'boolean':
      if (value === 'true' || value === 'false') return withoutQuotes(value);
      return typeof value === 'string' && /^(?:y|yes|n|no|on|off)$/i.test(value) ? 'write true or false' : undefined;
    case 'number':
    case 'int':
      return typeof value === 'string' && value.length <= Longest.Setting && /^-?\d+$/.test(value)
        ? withoutQuotes(value)
        : undefined;
    default:
      return undefined;
  }
}

export const inQuotes = (value: string | number | boolean): string => `write it in quotes: "${String(value)}"`;
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

/** The value as a message shows it. */
export const describe = (value: unknown): string =>
  isScalar(value) ? JSON.stringify(typeof value === 'string' ? shorten(value) : value) : kindOf(value);

/** The type of the value, where the value itself must not be shown. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a map';
  return value === null ? 'null' : `a ${typeof value}`;
}
