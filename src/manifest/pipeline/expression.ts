/**
 * Expressions of a pipeline: CEL (https://cel.dev), which has no side effects, no endless loops and no clock, so a
 * workflow may evaluate them.
 *
 * @module
 */
import { Environment, EvaluationError, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { shorten } from '../../validation/problems.ts';
import { ExpressionBudget } from './expression-budget.ts';
import type { ValueType } from './value-type.ts';

/** JSON values by name; `types` defines which numbers are integers in CEL. */
export type Scope = Readonly<Record<string, unknown>>;

const limits = { maxAstNodes: 2_000, maxDepth: 50, maxListElements: 1_000, maxMapEntries: 1_000 };
const options = { homogeneousAggregateLiterals: false, limits };

// What an expression names was checked beforehand, in `ExpressionTypes`.
const evaluation = new ExpressionBudget(new Environment({ ...options, unlistedVariablesAreDyn: true }));

/** Characters of an expression: errors show it. */
const LONGEST = 16_384;
const TOO_LONG = `it is longer than ${LONGEST} characters`;

/** An expression as messages show it. */
export const shownExpression = (expression: string): string =>
  expression.length > LONGEST ? shorten(expression) : expression;

/** An expression that cannot be read or that fails on its input values. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly type = 'ExpressionFailed';
  readonly retryable = false;
  readonly expression: string;

  constructor(expression: string, why: string) {
    super(`the expression \`${shownExpression(expression)}\` fails: ${why}`);
    this.expression = expression;
  }
}

/**
 * The value of an expression as JSON: whole numbers as numbers, times and durations as text.
 *
 * @param scope values as `toExpressionValue` makes them
 * @throws ExpressionError, also for an expression that takes too many steps (`expression-budget.ts`)
 */
export function evaluate(expression: string, scope: Scope): unknown {
  if (expression.length > LONGEST) throw new ExpressionError(expression, TOO_LONG);
  try {
    return toJson(evaluation.evaluate(expression, scope));
  } catch (error) {
    throw new ExpressionError(expression, reasonOf(error));
  }
}

/** A JSON value as CEL expects it: what is declared a whole number must be one in CEL too. */
export function toExpressionValue(value: unknown, type: ValueType | 'dyn' = 'dyn'): unknown {
  if (type === 'int' && Number.isSafeInteger(value)) return BigInt(value as number);
  if (type === 'list<int>' && Array.isArray(value)) return value.map((each) => toExpressionValue(each, 'int'));
  return value;
}

/** The result of the type check of an expression. */
export type Checked =
  { readonly type: string } | { readonly problem: string; readonly code: string; readonly name?: string };

/** The names an expression may use, with their types; a `schema` maps names to types or to further schemas. */
export interface TypeSchema {
  readonly [name: string]: string | TypeSchema;
}

/** Checks expressions against the types of the names they may use. */
export class ExpressionTypes {
  private readonly environment: Environment;

  private constructor(environment: Environment) {
    this.environment = environment;
  }

  static of(variables: TypeSchema): ExpressionTypes {
    return new ExpressionTypes(register(new Environment(options), variables));
  }

  /** The same, with more names. */
  with(variables: TypeSchema): ExpressionTypes {
    return new ExpressionTypes(register(this.environment.clone(), variables));
  }

  check(expression: string): Checked {
    if (expression === '') return { problem: 'is empty', code: 'unexpected_token' };
    if (expression.length > LONGEST) return { problem: TOO_LONG, code: 'invalid_expression' };
    const { valid, type, error } = this.environment.check(expression);
    const { ast } = valid ? this.environment.parse(expression) : {};
    if (callsMatches(ast)) return REGULAR_EXPRESSION;
    const repeated = repeatedMacro(ast);
    if (repeated !== undefined) return loopInLoop(repeated);
    if (valid) return { type: type! };
    const { start = 0, end = 0 } = error!.range ?? {};
    return { problem: error!.summary, code: error!.code, name: expression.slice(start, end) };
  }

  /** The problems of an expression: that which `check` finds and, where it is an unknown name, the other unknown names. */
  problemsOf(expression: string): readonly Extract<Checked, { readonly problem: string }>[] {
    const first = this.check(expression);
    if (!('problem' in first)) return [];
    const found = new Map([[first.name, first]]);
    let types = this.environment;
    // The library stops at the first one: a name that is known takes its place.
    for (let rest = expression; UNKNOWN.includes(first.code) && found.size < MOST_UNKNOWN;) {
      const { error } = types.check(rest);
      if (error === undefined || !UNKNOWN.includes(error.code)) break;
      const { start = 0, end = 0 } = error.range ?? {};
      const name = rest.slice(start, end);
      if (!found.has(name)) found.set(name, { problem: error.summary, code: error.code, name });
      const part = partAt(this.environment.parse(rest).ast, start, end);
      if (part === undefined) break;
      if (types === this.environment) types = register(types.clone(), { [STAND_IN]: 'dyn' });
      rest = `${rest.slice(0, part.start)}${STAND_IN}${rest.slice(part.end)}`;
    }
    return [...found.values()];
  }

  /** The stages an expression names as `stages.x` or `stages["x"]`; empty where it cannot be read. */
  stagesNamedIn(expression: string): string[] {
    try {
      if (expression.length > LONGEST) return [];
      return [...membersOf(this.environment.parse(expression).ast, 'stages')];
    } catch {
      return [];
    }
  }
}

/** Codes of the library for names that do not exist. */
const UNKNOWN: readonly string[] = ['unknown_variable', 'no_such_key'];
const MOST_UNKNOWN = 20;
const STAND_IN = 'a_name_that_exists';

/** The variable, or the member with what it is a member of, that the library found fault with. */
function partAt(node: unknown, start: number, end: number): { start: number; end: number } | undefined {
  if (Array.isArray(node)) return firstOf(node, (each) => partAt(each, start, end));
  if (typeof node !== 'object' || node === null || !('op' in node)) return undefined;
  const found = node as ASTNode & { readonly pos: number; readonly start: number; readonly end: number };
  const isPart = found.op === 'id' || found.op === '.' || found.op === '[]';
  if (isPart && found.end === end && (found.pos === start || found.start === start)) return found;
  return partAt(found.args, start, end);
}

/**
 * CEL's regular expressions are RE2's, which take time in proportion to the text; here they would be JavaScript's, some of
 * which never end, and a workflow that never ends its task cannot even be cancelled.
 */
const REGULAR_EXPRESSION: Checked = {
  problem: 'matches is not supported: a regular expression could block the workflow forever',
  code: 'regular_expression',
  name: 'matches',
};

function callsMatches(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(callsMatches);
  if (typeof node !== 'object' || node === null || !('op' in node)) return false;
  const { op, args } = node as ASTNode;
  return ((op === 'call' || op === 'rcall') && args[0] === 'matches') || callsMatches(args);
}

/** The macros that iterate over a list. */
const MACROS: readonly unknown[] = ['all', 'exists', 'exists_one', 'filter', 'map'];

/**
 * The first macro within another that iterates over something else than a part of its item: each multiplies the number
 * of steps by the length of its list, and three of them may not end within the life of a workflow.
 */
function repeatedMacro(node: unknown, items?: ReadonlySet<string>): string | undefined {
  if (Array.isArray(node)) return firstOf(node, (each) => repeatedMacro(each, items));
  if (typeof node !== 'object' || node === null || !('op' in node)) return undefined;
  const { op, args } = node as ASTNode;
  if (op !== 'rcall' || !MACROS.includes(args[0])) return repeatedMacro(args, items);
  const [name, list, [item, ...body]] = args;
  if (items !== undefined && !items.has(rootOf(list) ?? '')) return name;
  const within = new Set(items).add(item?.op === 'id' ? item.args : '');
  return repeatedMacro(list, items) ?? repeatedMacro(body, within);
}

function firstOf<T, R>(list: readonly T[], find: (each: T) => R | undefined): R | undefined {
  for (const each of list) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The variable that a value is a part of. */
function rootOf({ op, args }: ASTNode): string | undefined {
  if (op === 'id') return args;
  return op === '.' || op === '[]' ? rootOf(args[0]) : undefined;
}

const loopInLoop = (name: string): Checked => ({
  problem: `${name} iterates over a list for each item of another, which could block the workflow`,
  code: 'loop_in_loop',
  name,
});

function register(environment: Environment, variables: TypeSchema): Environment {
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === 'string') environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: type });
  }
  return environment;
}

function* membersOf(node: unknown, variable: string): Generator<string> {
  if (Array.isArray(node)) {
    for (const each of node) yield* membersOf(each, variable);
    return;
  }
  if (typeof node !== 'object' || node === null || !('op' in node)) return;
  const { op, args } = node as ASTNode;
  if (op === '.' || op === '[]') {
    const [object, member] = args;
    const name = typeof member === 'string' ? member : member.op === 'value' ? member.args : undefined;
    if (object.op === 'id' && object.args === variable && typeof name === 'string') yield name;
  }
  yield* membersOf(args, variable);
}

function reasonOf(error: unknown): string {
  if (error instanceof EvaluationError || error instanceof ParseError) return error.summary;
  return error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
}

function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (typeof value !== 'object' || value === null) return value;
  if (isDuration(value)) return `${Number(value.seconds) + value.nanos / 1e9}s`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

/** The library's own class, which it does not export. */
function isDuration(value: object): value is { readonly seconds: bigint; readonly nanos: number } {
  return 'seconds' in value && typeof value.seconds === 'bigint' && 'nanos' in value && typeof value.nanos === 'number';
}
