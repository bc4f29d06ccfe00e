import { readFileSync } from 'node:fs';
import type { ManifestProblem, ProblemPath } from '../validation/problem.ts';
import { pathText } from '../validation/problems.ts';
import { readProblem } from '../validation/read-problem.ts';

/**
 * The text of a configuration file.
 *
 * @throws what `refuse` makes of a file that cannot be read
 */
export function configurationText(file: string, refuse: (problems: readonly ManifestProblem[]) => Error): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse([unusable(file, [], `cannot be read (${readProblem(error)})`)]);
  }
}

/** What a file names at this path cannot be used. */
export function unusable(file: string, path: ProblemPath, message: string): ManifestProblem {
  return { file, document: 1, path, pathText: pathText(path), code: 'unusable', message };
}
