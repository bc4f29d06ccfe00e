/**
 * `${{ expression }}` in the texts of a manifest. A text that is nothing but one expression becomes its value, whatever
 * its type; in any other text each expression becomes text.
 *
 * @module
 */

/** One text with expressions, and where it stands. */
export interface TemplateText {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly expressions: readonly string[];
  /** Whether the text is one expression and nothing else, and so takes its type. */
  readonly whole: boolean;
}

const PATTERN = /\$\{\{(.*?)\}\}/gs;

/** The expressions of a text, in order. */
export function expressionsOf(text: string): string[] {
  return [...text.matchAll(PATTERN)].map(([, expression]) => expression!.trim());
}

/** The text's only expression, where the text is nothing else. */
export function wholeExpression(text: string): string | undefined {
  const trimmed = text.trim();
  const [match, ...more] = trimmed.matchAll(PATTERN);
  return match !== undefined && more.length === 0 && match[0].length === trimmed.length ? match[1]!.trim() : undefined;
}

/** Where a text opens an expression that it never closes. */
export function isUnclosed(text: string): boolean {
  return text.replaceAll(PATTERN, '').includes('${{');
}

/** Every text with an expression inside a value; keys are taken as they are. */
export function templateTexts(value: unknown, path: readonly (string | number)[] = []): TemplateText[] {
  if (typeof value === 'string') {
    if (!value.includes('${{')) return [];
    return [{ path, text: value, expressions: expressionsOf(value), whole: wholeExpression(value) !== undefined }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => templateTexts(item, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => templateTexts(item, [...path, key]));
  }
  return [];
}

type Evaluate = (expression: string) => unknown;

/** A copy of a value with every expression replaced by what `evaluate` makes of it. */
export function render<T>(value: T, evaluate: Evaluate): T {
  return rendered(value, evaluate, () => false) as T;
}

/**
 * The same for a SparkApplication. What Kubernetes and Spark take as text there, and nothing else, is text whatever the
 * type of the expression: arguments, configuration, environment, labels, annotations.
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
    // A list or a map stays one: the whole of `arguments` may be an expression.
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
  const whole = wholeExpression(text);
  if (whole !== undefined) return evaluate(whole);
  return text.replaceAll(PATTERN, (_, expression: string) => asText(evaluate(expression.trim())));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
