import type { ProblemPath } from '../../validation/problem.ts';
/**
 * `${{ expression }}` in the texts of a manifest. A text that is exactly one expression becomes its value, of any type;
 * in any other text each expression becomes text.
 *
 * @module
 */

/** One text with expressions, and its path. */
export interface TemplateText {
  readonly path: ProblemPath;
  readonly text: string;
  readonly expressions: readonly string[];
  /** Whether the text is exactly one expression, and so takes its type. */
  readonly isExpression: boolean;
}

/** An expression, and its position in the text, from `${{` to after `}}`. */
interface Placed {
  readonly expression: string;
  readonly start: number;
  readonly end: number;
}

const OPEN = '${{';
const CLOSE = '}}';

/** The expressions of a text, in order, up to one that is never closed. */
function placedIn(text: string): Placed[] {
  const found: Placed[] = [];
  for (let start = text.indexOf(OPEN); start >= 0; start = text.indexOf(OPEN, found.at(-1)!.end)) {
    const close = closeOf(text, start + OPEN.length);
    if (close < 0) return found;
    const expression = text.slice(start + OPEN.length, close).trim();
    found.push({ expression, start, end: close + CLOSE.length });
  }
  return found;
}

/** Where the expression that begins there is closed: not inside a map or a text of the expression. */
function closeOf(text: string, begin: number): number {
  let depth = 0;
  let quote: string | undefined;
  for (let index = begin; index < text.length; index += 1) {
    const character = text[index]!;
    if (quote !== undefined) {
      if (character === '\\') index += 1;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (depth === 0 && text.startsWith(CLOSE, index)) return index;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
  }
  return -1;
}

/** The expressions of a text, in order. */
export function expressionsOf(text: string): string[] {
  return placedIn(text).map(({ expression }) => expression);
}

/** The expression, if the text is exactly one expression. */
export function onlyExpression(text: string): string | undefined {
  const trimmed = text.trim();
  const [first] = placedIn(trimmed);
  return first?.start === 0 && first.end === trimmed.length ? first.expression : undefined;
}

/** Where a text opens an expression that it never closes. */
export function isUnclosed(text: string): boolean {
  return text.includes(OPEN, placedIn(text).at(-1)?.end ?? 0);
}

/** Every text with an expression inside a value; keys are taken as they are. */
export function templateTexts(value: unknown, path: ProblemPath = []): TemplateText[] {
  if (typeof value === 'string') {
    if (!value.includes('${{')) return [];
    return [
      { path, text: value, expressions: expressionsOf(value), isExpression: onlyExpression(value) !== undefined },
    ];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => templateTexts(item, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => templateTexts(item, [...path, key]));
  }
  return [];
}

type Evaluate = (expression: string) => unknown;

/** A copy of a value with every expression replaced by the result of `evaluate`. */
export function render<T>(value: T, evaluate: Evaluate): T {
  return rendered(value, evaluate, () => false) as T;
}

/**
 * The same for a SparkApplication. Where Kubernetes and Spark require text, the result is text for any type of the
 * expression: arguments, configuration, environment, labels, annotations.
 */
export function renderApplication<T>(application: T, evaluate: Evaluate): T {
  return rendered(application, evaluate, (key) => TEXT_FIELDS.has(key)) as T;
}

const TEXT_FIELDS: ReadonlySet<string> = new Set([
  ...['arguments', 'sparkConf', 'hadoopConf', 'envVars', 'value', 'labels', 'annotations', 'nodeSelector'],
]);

function rendered(part: unknown, evaluate: Evaluate, isText: (key: string) => boolean, inText = false): unknown {
  if (typeof part === 'string') {
    if (!part.includes('${{')) return part;
    const value = renderText(part, evaluate);
    // A list or a map stays one: `arguments` itself may be an expression.
    return inText && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value;
  }
  if (Array.isArray(part)) return part.map((item) => rendered(item, evaluate, isText, inText));
  if (typeof part === 'object' && part !== null) {
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) => [key, rendered(item, evaluate, isText, inText || isText(key))]),
    );
  }
  return part;
}

function renderText(text: string, evaluate: Evaluate): unknown {
  const expression = onlyExpression(text);
  if (expression !== undefined) return evaluate(expression);
  let at = 0;
  let rendered = '';
  for (const { expression, start, end } of placedIn(text)) {
    rendered += text.slice(at, start) + asText(evaluate(expression));
    at = end;
  }
  return rendered + text.slice(at);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
