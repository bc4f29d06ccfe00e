import { didYouMean } from '../../validation/closest.ts';
import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { present } from '../../validation/present.ts';

/** A name that is not one of the known ones, with the most similar. */
export function unknownName(path: ProblemPath, message: string, name: string, known: readonly string[]): Violation {
  return {
    path,
    code: 'unknown_reference',
    message,
    ...(known.length > 0 && known.length <= 12 ? { allowed: known.join(', ') } : {}),
    ...present({ remedy: didYouMean(name, known) }),
  };
}
