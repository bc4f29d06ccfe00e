import type { TextProblem } from '../validation/yaml.ts';

// `{{ … }}`, `{% … %}` and `{# … #}`; `${{ … }}` is an expression of a pipeline.
const OPENING = /(?<!\$)\{(?:\{|%|#)/g;
// What the operator (`{{$appName}}`) and Spark (`{{APP_ID}}`) fill in themselves.
const FILLED_IN_LATER = /^\{\{\s{0,4}(?:\$app(?:Name|Namespace|Id)|[A-Z][A-Z_]{0,40})\s{0,4}\}\}/;
const SHOWN = 60;

/** Whether a value holds an expression of Helm or Jinja that should have been replaced. */
export const quotesTemplate = (value: unknown): boolean =>
  typeof value === 'string' && expressionIn(value) !== undefined;

function expressionIn(text: string): number | undefined {
  for (const { index } of text.matchAll(OPENING)) {
    if (!FILLED_IN_LATER.test(text.slice(index, index + SHOWN))) return index;
  }
  return undefined;
}

/** The one problem of a text that cannot be read because its expressions were not replaced. */
export function findUnrendered(text: string): TextProblem | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    const at = expressionIn(line);
    if (at !== undefined && standsAlone(line.slice(0, at))) {
      return unrendered({ document: 1, line: index + 1, column: at + 1 }, line.slice(at));
    }
  }
  return undefined;
}

/** The one problem of a manifest with an expression where a value is wrong. */
export function unrenderedAt({ document, line = 1, column = 1 }: TextProblem, text: string): TextProblem {
  const found = text.split('\n', line).at(-1) ?? '';
  const at = expressionIn(found) ?? column - 1;
  return unrendered({ document, line, column: at + 1 }, found.slice(at));
}

/** An expression at the beginning of a line, an item or a value is not in quotes. */
const standsAlone = (before: string): boolean => !/["'#]/.test(before) && /(?:^|[:{[,-]) *$/.test(before);

const unrendered = (place: Pick<TextProblem, 'document' | 'line' | 'column'>, rest: string): TextProblem => ({
  ...place,
  ...{ path: [], pathText: '', code: 'unrendered' },
  message: `is a template of Helm or Jinja that was not rendered: ${shortened(rest)}`,
  remedy: 'render it first, for example with helm template, and check the result',
});

/** The expression that a text begins with. */
function shortened(text: string): string {
  const end = text.search(/[}%#]\}/);
  return end === -1 || end > SHOWN ? text.slice(0, SHOWN).trim() : text.slice(0, end + 2);
}
