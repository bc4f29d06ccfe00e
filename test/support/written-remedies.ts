import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './build.ts';

/** Functions that refuse something, and which of their arguments is the remedy. */
const refusing: Readonly<Record<string, number>> = { refuseInvalid: 2, refuseLocalFile: 2 };

/** What has tests of its own: remedies for pipelines and sessions, and of command lines, which name flags. */
const isElsewhere = (file: string): boolean => /^(?:pipeline|connect|spark-submit-cli)\//.test(file);

/** The remedies as the sources of a folder of `src` have them; `…` stands for what a template fills in. */
export function writtenRemedies(folder: string): readonly string[] {
  const directory = join(root, 'src', folder);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !isElsewhere(file))
    .flatMap((file) => {
      const text = readFileSync(join(directory, file), 'utf8');
      if (!/remed|refuse/i.test(text)) return [];
      const found: string[] = [];
      const visit = (node: ts.Node): void => {
        found.push(...remedyAt(node).flatMap(textsOf));
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
      return found;
    });
}

function remedyAt(node: ts.Node): readonly ts.Expression[] {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'remedy') return [node.initializer];
  if (ts.isVariableDeclaration(node) && /^(?:remed|remove_)/i.test(node.name.getText()) && node.initializer)
    return [node.initializer];
  if (!ts.isCallExpression(node) || !Object.hasOwn(refusing, node.expression.getText())) return [];
  const remedy = node.arguments[refusing[node.expression.getText()]!];
  return remedy === undefined ? [] : [remedy];
}

function textsOf(expression: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isConditionalExpression(expression))
    return [...textsOf(expression.whenTrue), ...textsOf(expression.whenFalse)];
  if (ts.isTemplateExpression(expression)) {
    return [expression.head.text + expression.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  }
  return [];
}

/** Whether one of the remedies that users get is made from what is written. */
export function isTried(written: string, remedies: readonly string[]): boolean {
  const text = written.replace(/\.$/, '');
  const pattern = text
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return remedies.some((remedy) => new RegExp(`^${pattern}`, 'i').test(remedy));
}
