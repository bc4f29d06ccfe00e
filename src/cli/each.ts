import { ExitCode } from './exit-code.ts';
import { explainError } from './output/explain-error.ts';
import { printable } from './output/printable.ts';

/**
 * Does the work for each of several objects; an error of one does not keep the others from it.
 *
 * @returns the highest exit code
 * @throws the error of the only object
 */
export async function forEach<T>(objects: readonly T[], work: (object: T) => Promise<ExitCode>): Promise<ExitCode> {
  const [only, ...more] = objects;
  if (only !== undefined && more.length === 0) return work(only);
  let highest: ExitCode = ExitCode.Ok;
  for (const object of objects) {
    let code: ExitCode;
    try {
      code = await work(object);
    } catch (error) {
      const explained = explainError(error);
      console.error(printable(explained.message));
      code = explained.exitCode;
    }
    if (code > highest) highest = code;
  }
  return highest;
}
