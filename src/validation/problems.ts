import type { Explanation, FoundProblem, ManifestProblem, ProblemPath } from './problem.ts';
import { namesSecret } from './secret-names.ts';

/** A manifest that cannot be used, with all its problems. Not retryable: the same manifest is rejected again. */
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

/** A problem with the value that stands at a path of the document. */
export function problemAt(root: unknown, path: ProblemPath, explanation: Explanation): FoundProblem {
  const value = valueAt(root, path);
  const shown = isScalar(value) && explanation.code !== 'literal_secret' && !maySecretBeAt(root, path);
  return { path, ...(shown ? { value: typeof value === 'string' ? shorten(value) : value } : {}), ...explanation };
}

/** Whether what stands at a path may be a secret, by the names on the way to it. Problems never show those. */
export function maySecretBeAt(root: unknown, path: ProblemPath): boolean {
  const nameOfVariable = path.at(-1) === 'value' ? valueAt(root, [...path.slice(0, -1), 'name']) : undefined;
  return [...path, nameOfVariable].some((part) => typeof part === 'string' && namesSecret(part));
}

/** `spec.driver.env[0].value`; keys that are not plain words are quoted: `spec.sparkConf["spark.master"]`. */
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

export const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const MAX_SHOWN = 80;

/** A text short enough for a message. */
export const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
