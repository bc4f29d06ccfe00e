import type * as z from 'zod';
import { closest } from './closest.ts';
import { findFormat } from './formats.ts';
import { namesSecret } from './literal-secrets.ts';
import { isRecord } from './unknown-data.ts';

export type ProblemPath = readonly (string | number)[];

/** One thing that is wrong with a manifest, for a person and for a program. Plain JSON. */
export interface ManifestProblem {
  /** Name of the file, where the manifest came from one. */
  readonly file?: string;
  /** Which document of the file, counted from 1. */
  readonly document: number;
  /** Where in the document, for example `['spec', 'driver', 'cores']`; empty for the document as a whole. */
  readonly path: ProblemPath;
  /** The path as text, for example `spec.driver.cores`. */
  readonly pathText: string;
  /** The value found there, if it is a scalar and doesn't look like a secret. */
  readonly value?: string | number | boolean;
  /** What is wrong, to be read after the path. */
  readonly message: string;
  /** What would be right. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Line in the file, counted from 1. */
  readonly line?: number;
  /** Column in the line, counted from 1. */
  readonly column?: number;
  /** Machine-readable kind of problem, for example `unknown_field`. */
  readonly code: string;
}

/** A manifest that can't be used, with everything that is wrong with it. Retrying the same manifest is pointless. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly type = 'InvalidManifest';
  readonly retryable = false;
  readonly problems: readonly ManifestProblem[];

  constructor(problems: readonly ManifestProblem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/** The problems as text, one a line: `file:line:column  path  what is wrong; what to do`. */
export function formatProblems(problems: readonly ManifestProblem[]): string {
  return problems
    .map(({ file, line, column, document, pathText, message, allowed, remedy }) => {
      const place = [file ?? (line === undefined && document === 1 ? undefined : `document ${document}`), line, column];
      const where = [place.filter((part) => part !== undefined).join(':'), pathText].filter((part) => part !== '');
      const advice = [allowed && `allowed: ${allowed}`, remedy].filter((part) => part !== undefined);
      return [...where, [message, ...advice].join('; ')].join('  ');
    })
    .join('\n');
}

/** A problem before it is known where its document stands. */
export type FoundProblem = Omit<ManifestProblem, 'file' | 'document' | 'pathText' | 'line' | 'column'>;

/** `spec.driver.env[0].value`; keys that are no plain words are quoted: `spec.sparkConf["spark.master"]`. */
export function pathText(path: ProblemPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** The value at a path, or undefined. */
export function valueAt(root: unknown, path: ProblemPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** A problem with the value that stands at its path in the document. */
export function problem(root: unknown, path: ProblemPath, about: Omit<FoundProblem, 'path' | 'value'>): FoundProblem {
  const value = valueAt(root, path);
  const shown = isScalar(value) && about.code !== 'literal_secret' && !path.some(isSecretKey);
  return { path, ...(shown ? { value: typeof value === 'string' ? shorten(value) : value } : {}), ...about };
}

/** The problems that a schema's issue stands for; `knownFields` gives the fields of the object at a path. */
export function problemsOfIssue(
  root: unknown,
  issue: z.core.$ZodIssue,
  knownFields: (path: ProblemPath) => readonly string[],
): FoundProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const suggestion = closest(key, knownFields(path));
      return problem(root, [...path, key], {
        code: 'unknown_field',
        message: 'is not a known field',
        ...(suggestion === undefined ? {} : { remedy: `did you mean "${suggestion}"?` }),
      });
    });
  }
  return [problem(root, path, explain(issue, valueAt(root, path), path))];
}

type Explanation = Omit<FoundProblem, 'path' | 'value'>;

function explain(issue: z.core.$ZodIssue, value: unknown, path: ProblemPath): Explanation {
  if (value === undefined && issue.code !== 'custom' && issue.code !== 'invalid_key') {
    return { code: 'required', message: 'is required', ...allowedBy(issue) };
  }
  const found = path.some(isSecretKey) ? kindOf(value) : describe(value);
  switch (issue.code) {
    case 'invalid_type':
      return explainType(issue.expected, value, found);
    case 'invalid_union':
      return explainType('string or number', value, found);
    case 'invalid_value': {
      const suggestion = closest(String(value), issue.values.map(String));
      return {
        code: 'not_allowed',
        message: `must not be ${found}`,
        ...allowedBy(issue),
        ...(typeof value === 'number' && issue.values.includes(String(value))
          ? { remedy: `write it in quotes: "${value}"` }
          : suggestion === undefined
            ? {}
            : { remedy: `did you mean "${suggestion}"?` }),
      };
    }
    case 'invalid_format':
      return explainFormat(issue.format, value, found);
    case 'too_small':
      return {
        code: 'too_small',
        message: issue.origin === 'string' ? 'must not be empty' : `must not be ${found}`,
        ...(issue.origin === 'string' ? {} : { allowed: `at least ${issue.minimum}` }),
      };
    case 'too_big':
      return { code: 'too_big', message: `must not be ${found}`, allowed: `at most ${issue.maximum}` };
    case 'invalid_key': {
      const key = String(path.at(-1));
      const inner = issue.issues[0];
      const { allowed, remedy } =
        inner?.code === 'invalid_format' ? explainFormat(inner.format, key, '') : ({} as Partial<Explanation>);
      return {
        code: 'invalid_key',
        message: 'is not a valid key',
        ...(allowed === undefined ? {} : { allowed }),
        ...(remedy === undefined ? {} : { remedy }),
      };
    }
    case 'custom': {
      const { code, allowed, remedy } = (issue.params ?? {}) as Partial<Explanation>;
      return {
        code: code ?? 'invalid',
        message: issue.message,
        ...(allowed === undefined ? {} : { allowed }),
        ...(remedy === undefined ? {} : { remedy }),
      };
    }
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_element':
      return { code: 'invalid', message: issue.message };
  }
}

function explainFormat(format: string, value: unknown, found: string): Explanation {
  const grammar = findFormat(format);
  const suggestion = typeof value === 'string' ? grammar?.suggest?.(value) : undefined;
  return {
    code: 'invalid_format',
    message: `must not be ${found}`,
    ...(grammar === undefined ? {} : { allowed: grammar.allowed }),
    ...(suggestion === undefined ? {} : { remedy: `did you mean "${suggestion}"?` }),
  };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function explainType(expected: string, value: unknown, found: string): Explanation {
  const scalar = isScalar(value);
  const remedy =
    expected === 'string' && scalar
      ? `write it in quotes: "${String(value)}"`
      : (expected === 'number' || expected === 'int' || expected === 'boolean') && isReadAs(expected, value)
        ? `write it without quotes: ${String(value)}`
        : expected === 'array' && (scalar || isRecord(value))
          ? 'write it as a list, with "- " before each item'
          : undefined;
  return {
    code: 'wrong_type',
    message: `must be ${typeNames[expected] ?? expected}, not ${found}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function isReadAs(expected: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return expected === 'boolean' ? /^(true|false)$/.test(value) : /^-?\d+$/.test(value);
}

function allowedBy(issue: z.core.$ZodIssue): { allowed?: string } {
  if (issue.code === 'invalid_value') return { allowed: issue.values.map((each) => JSON.stringify(each)).join(', ') };
  if (issue.code === 'invalid_type') return { allowed: typeNames[issue.expected] ?? issue.expected };
  return {};
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isSecretKey = (part: string | number): boolean => typeof part === 'string' && namesSecret(part);

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : value === null ? 'null' : isRecord(value) ? 'a map' : `a ${typeof value}`;

const describe = (value: unknown): string => (isScalar(value) ? JSON.stringify(shortenText(value)) : kindOf(value));

const MAX_SHOWN = 80;
const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
const shortenText = <T>(value: T): T | string => (typeof value === 'string' ? shorten(value) : value);
