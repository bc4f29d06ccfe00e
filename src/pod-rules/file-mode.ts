import type { Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { filePathFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

type KeyToPath = NonNullable<NonNullable<Volume['secret']>['items']>[number];

const MAX_MODE = 0o777;

/** The mode of a file: in YAML, `0400` is octal and `400` is not. */
export function checkMode(problems: PodProblems, mode: number | undefined, at: ProblemPath): void {
  if (mode === undefined || (mode >= 0 && mode <= MAX_MODE)) return;
  problems.invalid(at, mode, 'must be a number between 0 and 0777 (octal), both inclusive', {
    remedy: `write an octal number with a leading 0${asOctal(mode)}`,
  });
}

/** `644` was meant as octal; the text of others is not known here. */
const asOctal = (mode: number): string => (/^[0-7]{3}$/.test(String(mode)) ? `: 0${mode}` : ', at most 0777');

/** The files that a volume makes of the keys of a ConfigMap or Secret. */
export function checkKeys(problems: PodProblems, keys: readonly KeyToPath[] | undefined, at: ProblemPath): void {
  for (const [index, { key, path, mode }] of items(keys)) {
    const here = [...at, index];
    problems.name([...here, 'key'], key);
    problems.name([...here, 'path'], path, filePathFault);
    checkMode(problems, mode, [...here, 'mode']);
  }
}
