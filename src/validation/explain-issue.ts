import type * as z from 'zod';
import { didYouMean } from './closest.ts';
import { present } from './present.ts';
import { findFormat } from './formats.ts';
import { lengthFault, Longest } from './lengths.ts';
import type { Explanation, FoundProblem, ProblemPath, Violation } from './problem.ts';
import { isScalar, maySecretBeAt, problemAt, valueAt } from './problems.ts';
import { describe, inQuotes, typeName, wrongType, type FoundValue } from './wrong-type.ts';

/** What a schema declares at the path of an issue. */
export interface SchemaHints {
  /** Fields of the object. */
  readonly shape?: z.core.$ZodShape;
  /** Name of the string's format. */
  readonly format?: string;
  /** Paths of objects that have the unknown field. */
  readonly homes?: FieldHomes;
  readonly sourceOf?: SourceOf;
}

/** The plain scalar at a path as its text has it, `0755` or `no`; undefined where it is in quotes or not known. */
export type SourceOf = (path: ProblemPath) => string | undefined;

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
  const value = valueAt(root, path);
  const found: FoundValue = { value, source: hints.sourceOf?.(path), isSecret: maySecretBeAt(root, path) };
  const { remedy, ...explanation } = explain(issue, found, hints);
  // A rule's own remedy does not repeat the value.
  const isHidden = found.isSecret === true && issue.code !== 'custom';
  return [problemAt(root, path, { ...explanation, ...(isHidden ? {} : present({ remedy })) })];
}

function explain(issue: z.core.$ZodIssue, found: FoundValue, { format = '', shape }: SchemaHints): Explanation {
  const { value } = found;
  const shown = describe(found);
  const grammar = findFormat(format);
  switch (issue.code) {
    case 'custom': {
      const { expected, ...params } = (issue.params ?? {}) as Partial<Violation>;
      if (expected !== undefined) return wrongType(expected, found);
      return { code: 'invalid', message: issue.message, ...params };
    }
    case 'invalid_type':
      return value === undefined
        ? { code: 'required', message: 'is required', allowed: grammar?.allowed ?? typeName(issue.expected) }
        : {
            ...wrongType(issue.expected, found, { grammar, shape }),
            ...present({ allowed: grammar?.allowed }),
          };
    case 'invalid_union': // the only unions are quantities
      return { code: 'wrong_type', message: `must be a string or a number, not ${shown}` };
    case 'invalid_value':
      return {
        ...(value === undefined
          ? { code: 'required', message: 'is required' }
          : { code: 'not_allowed', message: `must not be ${shown}` }),
        allowed: issue.values.map((each) => JSON.stringify(each)).join(', '),
        ...present({ remedy: remedyForChoice(value, issue.values.map(String)) }),
      };
    case 'invalid_format':
      return { code: 'invalid_format', message: `must not be ${shown}`, ...explainFormat(issue.format, value) };
    case 'invalid_key': {
      const [inner] = issue.issues;
      const explanation = inner?.code === 'invalid_format' ? explainFormat(inner.format, issue.path.at(-1)) : {};
      return { code: 'invalid_key', message: 'is not a valid key', ...explanation };
    }
    case 'too_small':
      return issue.origin === 'string'
        ? { code: 'too_small', message: 'must not be empty' }
        : { code: 'too_small', message: `must not be ${shown}`, allowed: `at least ${issue.minimum}` };
    case 'too_big':
      if (issue.origin === 'string' && typeof value === 'string') return lengthFault(value, Number(issue.maximum))!;
      return { code: 'too_big', message: `must not be ${shown}`, allowed: `at most ${issue.maximum}` };
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_element':
      return { code: 'invalid', message: issue.message };
  }
}

function remedyForUnknownField(key: string, path: ProblemPath, hints: SchemaHints): string | undefined {
  const suggestion = didYouMean(key, Object.keys(hints.shape ?? {}));
  if (suggestion !== undefined) return suggestion;
  const homes = hints.homes?.(key, path) ?? [];
  return homes.length === 0 ? undefined : `it is a field of ${homes.join(' and ')}`;
}

function remedyForChoice(value: unknown, choices: readonly string[]): string | undefined {
  if (typeof value === 'number' && choices.includes(String(value))) return inQuotes(String(value));
  return typeof value === 'string' ? didYouMean(value, choices) : undefined;
}

function explainFormat(format: string, value: unknown): { allowed?: string; remedy?: string } {
  const grammar = findFormat(format);
  // What a shell or a person should have replaced has no spelling.
  const isSpelled = isScalar(value) && String(value).length <= Longest.Setting && !/\$[({]|^<.*>$/.test(String(value));
  const suggestion = isSpelled ? grammar?.suggest?.(String(value)) : undefined;
  const limit = lengthFault(String(value), grammar?.longest ?? Infinity)?.allowed;
  return present({
    allowed: limit === undefined ? grammar?.allowed : `${grammar!.allowed}; ${limit}`,
    remedy: suggestion === undefined ? undefined : `did you mean "${suggestion}"?`,
  });
}
