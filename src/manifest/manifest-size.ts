import type { FoundProblem } from '../validation/problem.ts';
import { bytesText, jsonBytes, MANIFEST_LIMIT } from './pipeline/size.ts';

/**
 * The problem of an application that is too large: it is the input of its workflow, and part of that of each submission.
 * The check of a pipeline counts the state of its stages too, and is not here.
 */
export function sizeProblem(manifest: { readonly kind: string }): FoundProblem | undefined {
  if (manifest.kind !== 'SparkApplication' && manifest.kind !== 'ScheduledSparkApplication') return undefined;
  // No character takes more than three bytes.
  if (JSON.stringify(manifest).length * 3 <= MANIFEST_LIMIT) return undefined;
  const size = jsonBytes(manifest);
  if (size <= MANIFEST_LIMIT) return undefined;
  return {
    path: [],
    code: 'too_big',
    message: `is ${bytesText(size)} as JSON, too large for the input of a workflow`,
    allowed: `at most ${bytesText(MANIFEST_LIMIT)}`,
    remedy: 'put large parts in files of the image or in ConfigMaps',
  };
}
