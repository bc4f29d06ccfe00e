import type * as z from 'zod';
import { closest } from './closest.ts';
import { findFormat, type Format } from './formats.ts';
import {
  isScalar,
  maySecretBeAt,
  problemAt,
  shorten,
  valueAt,
  type Explanation,
  type FoundProblem,
  type ProblemPath,
} from './problems.ts';
import { sparkApplicationSpec } from './spark-application-spec.ts';
import { isRecord } from './unknown-data.ts';

/** What a schema knows about the place of an issue, beyond the issue itself. */
export interface SchemaHints {
  /** Fields of the object. */
  readonly fields?: readonly string[];
  /** Name of the string's format. */
  readonly format?: string;
}

/** The problems that a schema's issue stands for, in a person's words. */
export function explainIssue(root: unknown, issue: z.core.$ZodIssue, hints: SchemaHints): FoundProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      problemAt(root, [...path, key], {
        code: 'unknown_field',
        message: 'is not a known field',
        ...given({ remedy: remedyForUnknownField(key, path, hints.fields ?? []) }),
      }),
    );
  }
  if (issue.code === 'custom') {
    return [
      problemAt(root, path, { code: 'invalid', message: issue.message, ...(issue.params as Partial<Explanation>) }),
    ];
  }
  const value = valueAt(root, path);
  if (!maySecretBeAt(root, path)) return [problemAt(root, path, explain(issue, value, describe(value), hints.format))];
  const { code, message, allowed } = explain(issue, value, kindOf(value), hints.format);
  return [problemAt(root, path, { code, message, ...given({ allowed }) })];
}

/** @param found the value as the message may show it */
function explain(issue: z.core.$ZodIssue, value: unknown, found: string, format = ''): Explanation {
  const grammar = findFormat(format);
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? { code: 'required', message: 'is required', allowed: grammar?.allowed ?? typeName(issue.expected) }
        : {
            code: 'wrong_type',
            message: `must be ${typeName(issue.expected)}, not ${found}`,
            ...given({ allowed: grammar?.allowed, remedy: remedyForType(issue.expected, value, grammar) }),
          };
    case 'invalid_union': // the only unions are quantities
      return { code: 'wrong_type', message: `must be a string or a number, not ${found}` };
    case 'invalid_value':
      return {
        ...(value === undefined
          ? { code: 'required', message: 'is required' }
          : { code: 'not_allowed', message: `must not be ${found}` }),
        allowed: issue.values.map((each) => JSON.stringify(each)).join(', '),
        ...given({ remedy: remedyForChoice(value, issue.values.map(String)) }),
      };
    case 'invalid_format':
      return { code: 'invalid_format', message: `must not be ${found}`, ...explainFormat(issue.format, value) };
    case 'invalid_key': {
      const [inner] = issue.issues;
      const explanation = inner?.code === 'invalid_format' ? explainFormat(inner.format, issue.path.at(-1)) : {};
      return { code: 'invalid_key', message: 'is not a valid key', ...explanation };
    }
    case 'too_small':
      return issue.origin === 'string'
        ? { code: 'too_small', message: 'must not be empty' }
        : { code: 'too_small', message: `must not be ${found}`, allowed: `at least ${issue.minimum}` };
    case 'too_big':
      return { code: 'too_big', message: `must not be ${found}`, allowed: `at most ${issue.maximum}` };
    case 'custom':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_element':
      return { code: 'invalid', message: issue.message };
  }
}

function remedyForUnknownField(key: string, path: ProblemPath, fields: readonly string[]): string | undefined {
  const suggestion = closest(key, fields);
  if (suggestion !== undefined) return didYouMean(suggestion);
  const here = path.at(-1);
  if (here !== 'spec' && here !== 'template' && here !== 'driver' && here !== 'executor') return undefined;
  const { driver, executor } = sparkApplicationSpec.shape;
  const homes = Object.entries({ spec: sparkApplicationSpec, 'spec.driver': driver, 'spec.executor': executor })
    .filter(([, { shape }]) => Object.hasOwn(shape, key))
    .map(([home]) => home);
  return homes.length === 0 ? undefined : `it is a field of ${homes.join(' and ')}`;
}

function remedyForChoice(value: unknown, choices: readonly string[]): string | undefined {
  if (typeof value === 'number' && choices.includes(String(value))) return inQuotes(value);
  const suggestion = typeof value === 'string' ? closest(value, choices) : undefined;
  return suggestion === undefined ? undefined : didYouMean(suggestion);
}

function explainFormat(format: string, value: unknown): { allowed?: string; remedy?: string } {
  const grammar = findFormat(format);
  const suggestion = isScalar(value) ? grammar?.suggest?.(String(value)) : undefined;
  return given({ allowed: grammar?.allowed, remedy: suggestion === undefined ? undefined : didYouMean(suggestion) });
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
      return typeof value === 'string' && /^-?\d+$/.test(value) ? withoutQuotes(value) : undefined;
    default:
      return undefined;
  }
}

const didYouMean = (suggestion: string): string => `did you mean "${suggestion}"?`;
const inQuotes = (value: string | number | boolean): string => `write it in quotes: "${String(value)}"`;
const withoutQuotes = (value: string): string => `write it without quotes: ${value}`;

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const typeName = (type: string): string => typeNames[type] ?? type;

const describe = (value: unknown): string =>
  isScalar(value) ? JSON.stringify(typeof value === 'string' ? shorten(value) : value) : kindOf(value);

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a map';
  return value === null ? 'null' : `a ${typeof value}`;
}

/** Leaves out what isn't there, as exact optional properties ask. */
function given<T extends Record<string, string | undefined>>(properties: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
