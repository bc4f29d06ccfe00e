/**
 * The steps that one evaluation of an expression may take. A workflow evaluates expressions on the thread that answers
 * all its requests, so that an expression over long lists and texts would block it, or fail its task for ever.
 *
 * @module
 */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';

/** Steps of one evaluation; on an ordinary machine they take about a tenth of a second. */
const MOST_STEPS = 250_000;

/** Text that an operator or a function reads in the time of one step. */
const CHARACTERS_PER_STEP = 128;

/** An item of a list or a map, counted as characters. */
const CHARACTERS_PER_ITEM = 16;

/** The library makes a picture of the expression for each error, also for those that `||` and `exists` pass over. */
const STEPS_PER_ERROR = 200;

/** A function that looks up a time zone takes as long as so many steps. */
const STEPS_PER_TIME_ZONE = 500;

const BUDGET_EXCEEDED =
  `it takes more than ${MOST_STEPS.toLocaleString('en-US')} steps (each operation is one, and each ` +
  `${CHARACTERS_PER_STEP} characters of text that it reads); iterate over a shorter list, or compute the result in a stage`;

/** How much of an operand its operator reads: the text or the items themselves, or all that is in the items too. */
type Reading = 'shallow' | 'deep';

// What the library's evaluator is; its types do not show it. The version of the library is therefore pinned.
interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
  /** As `run`; an error is its result. */
  tryEval(node: ASTNode, context: unknown): unknown;
}

/** Evaluates expressions of an environment, each within the budget. */
export class ExpressionBudget {
  private left = 0;
  /** The operands of the expression that is evaluated. */
  private readings: ReadonlyMap<ASTNode, Reading> = new Map();
  /** Of the lists and maps that were read in full. */
  private sizes = new WeakMap<object, number>();
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
    const evaluator = evaluatorOf(environment);
    const run = evaluator.run.bind(evaluator);
    const tryEval = evaluator.tryEval.bind(evaluator);
    evaluator.run = (node, context) => {
      this.take(1 + costOfCall(node));
      const value = run(node, context);
      const reading = this.readings.get(node);
      if (reading !== undefined) this.read(value, reading);
      return value;
    };
    evaluator.tryEval = (node, context) => {
      const value = tryEval(node, context);
      if (value instanceof Error) this.take(STEPS_PER_ERROR);
      return value;
    };
  }

  /** @throws Error of the library, or with the message `BUDGET_EXCEEDED` */
  evaluate(expression: string, scope: Readonly<Record<string, unknown>>): unknown {
    const parsed = this.environment.parse(expression);
    this.readings = new Map(readingsIn(parsed.ast));
    this.left = MOST_STEPS;
    this.sizes = new WeakMap();
    try {
      const value: unknown = parsed(scope);
      // The caller makes JSON of it.
      this.read(value, 'deep');
      return value;
    } catch (error) {
      throw this.left < 0 ? new Error(BUDGET_EXCEEDED) : error;
    }
  }

  private read(value: unknown, reading: Reading): void {
    this.take(Math.floor(this.sizeOf(value, reading) / CHARACTERS_PER_STEP));
  }

  /** In characters. */
  private sizeOf(value: unknown, reading: Reading): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return 0;
    if (reading === 'shallow') return Array.isArray(value) ? value.length * CHARACTERS_PER_ITEM : 0;
    // A time, a duration or a type.
    if (!Array.isArray(value) && value.constructor !== Object) return 0;
    const known = this.sizes.get(value);
    if (known !== undefined) return known;
    const items: [string, unknown][] = Object.entries(value);
    const named = Array.isArray(value) ? 0 : items.reduce((sum, [key]) => sum + key.length, 0);
    const size = items.reduce((sum, [, item]) => sum + CHARACTERS_PER_ITEM + this.sizeOf(item, reading), named);
    this.sizes.set(value, size);
    return size;
  }

  private take(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw EXCEEDED;
  }
}

/** One error for all: to make one takes as long as many steps, and a macro may meet it for each item. */
const EXCEEDED = new Error(BUDGET_EXCEEDED);

function evaluatorOf(environment: Environment): Evaluator {
  let found: Evaluator | undefined;
  const parsed = environment.parse('true');
  Object.assign(parsed.ast, {
    evaluate: (evaluator: Evaluator) => {
      found = evaluator;
      return true;
    },
  });
  parsed();
  if (typeof found?.run !== 'function' || typeof found.tryEval !== 'function')
    throw new Error('this version of @marcbachmann/cel-js has another evaluator');
  return found;
}

/** Operators that compare or search what is in their operands. */
const DEEP: readonly string[] = ['==', '!=', 'in'];
const SHALLOW: readonly string[] = ['+', '<', '<=', '>', '>='];
/** Calls that the library expands: what they iterate over is counted item by item. */
const MACROS: readonly string[] = ['all', 'exists', 'exists_one', 'filter', 'map', 'bind', 'has'];

function* readingsIn(node: unknown): Generator<[ASTNode, Reading]> {
  if (Array.isArray(node)) {
    for (const each of node) yield* readingsIn(each);
    return;
  }
  if (!isNode(node)) return;
  const { op, args } = node;
  if (DEEP.includes(op) || SHALLOW.includes(op)) {
    const reading = DEEP.includes(op) ? 'deep' : 'shallow';
    for (const operand of args as unknown[]) if (isNode(operand)) yield [operand, reading];
  } else if ((op === 'call' || op === 'rcall') && !MACROS.includes(args[0])) {
    const reading = args[0] === 'join' ? 'deep' : 'shallow';
    const operands: unknown[] = op === 'call' ? args[1] : [args[1], ...args[2]];
    for (const operand of operands) if (isNode(operand)) yield [operand, reading];
    yield [node, 'shallow'];
  }
  yield* readingsIn(args);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function costOfCall({ op, args }: ASTNode): number {
  return op === 'rcall' && args[0].startsWith('get') && args[2].length > 0 ? STEPS_PER_TIME_ZONE : 0;
}
