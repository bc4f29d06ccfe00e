import type * as z from 'zod';
import { didYouMean } from './closest.ts';
import { present } from './present.ts';
import { findFormat } from './formats.ts';
import { lengthFault, Longest } from './lengths.ts';
import type { Explanation, FoundProblem, ProblemPath } from './problem.ts';
import { isScalar, maySecretBeAt, problemAt, valueAt } from './problems.ts';
import { describe, inQuotes, kindOf, typeName, wrongType } from './wrong-type.ts';

/** What a schema declares at the path of an issue. */
export interface SchemaHints {
  /** Fields of the object. */
  readonly fields?: readonly string[];
  /** Name of the string's format. */
  readonly format?: string;
  /** Paths of objects that have the unknown field. */
  readonly homes?: FieldHomes;
}

/** Paths (as text) of the objects that have a field of this name, for a field that stands at `path` by mistake. */
export type FieldHomes = (field: string, path: ProblemPath) => readonly string[];

/** Unknown fields of one object that are explained. */
const MOST_KEYS = 1_000;

/** The problems behind an issue of a schema, worded for users. */
export function explainIssue(root: unknown, issue: z.core.$ZodIssue, hints: SchemaHints): FoundProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_KEYS).map((key) =>
      problemAt(root, [...path, key], {
        code: 'unknown_field',
        message: 'is not a known field',
        ...present({ remedy: remedyForUnknownField(key, path, hints) }),
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
  return [problemAt(root, path, { code, message, ...present({ allowed }) })];
}

/** @param found the value as the message may show it */
function explain(issue: z.core.$ZodIssue, value: unknown, found: string, format = ''): Explanation {
  const grammar = findFormat(format);
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? { code: 'required', message: 'is required', allowed: grammar?.allowed ?? typeName(issue.expected) }
        : {
            ...wrongType(issue.expected, value, found, grammar),
            ...present({ allowed: grammar?.allowed }),
          };
    case 'invalid_union': // the only unions are quantities
      return { code: 'wrong_type', message: `must be a string or a number, not ${found}` };
    case 'invalid_value':
      return {
        ...(value === undefined
          ? { code: 'required', message: 'is required' }
          : { code: 'not_allowed', message: `must not be ${found}` }),
        allowed: issue.values.map((each) => JSON.stringify(each)).join(', '),
        ...present({ remedy: remedyForChoice(value, issue.values.map(String)) }),
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
      if (issue.origin === 'string' && typeof value === 'string') return lengthFault(value, Number(issue.maximum))!;
      return { code: 'too_big', message: `must not be ${found}`, allowed: `at most ${issue.maximum}` };
    case 'custom':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_element':
      return { code: 'invalid', message: issue.message };
  }
}

function remedyForUnknownField(key: string, path: ProblemPath, hints: SchemaHints): string | undefined {
  const suggestion = didYouMean(key, hints.fields ?? []);
  if (suggestion !== undefined) return suggestion;
  const homes = hints.homes?.(key, path) ?? [];
  return homes.length === 0 ? undefined : `it is a field of ${homes.join(' and ')}`;
}

function remedyForChoice(value: unknown, choices: readonly string[]): string | undefined {
  if (typeof value === 'number' && choices.includes(String(value))) return inQuotes(value);
  return typeof value === 'string' ? didYouMean(value, choices) : undefined;
}

function explainFormat(format: string, value: unknown): { allowed?: string; remedy?: string } {
  const grammar = findFormat(format);
  const suggestion =
    isScalar(value) && String(value).length <= Longest.Setting ? grammar?.suggest?.(String(value)) : undefined;
  const limit = lengthFault(String(value), grammar?.longest ?? Infinity)?.allowed;
  return present({
    allowed: limit === undefined ? grammar?.allowed : `${grammar!.allowed}; ${limit}`,
    remedy: suggestion === undefined ? undefined : `did you mean "${suggestion}"?`,
  });
}
