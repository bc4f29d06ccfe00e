import type { SparkApplication } from '../manifest/spark-application.ts';
import type { TeamDefault } from '../protocol/team-default.ts';
import { confPath } from '../spark/conf-path.ts';
import { SubmissionRefused } from '../spark/submission-refused.ts';
import { ApplicationRefused, type RefusedField } from '../validation/application-refused.ts';
import { ManifestError, pathText } from '../validation/problems.ts';
import { withUnchecked } from './with-defaults.ts';

/**
 * The result of what is done with an application and its defaults. An error for what a default set also names its rule;
 * it stays the same error.
 *
 * @param own the application without them
 * @throws what `part` throws
 */
export function explaining<T>(own: SparkApplication, decided: readonly TeamDefault[], part: () => T): T {
  const explained = (error: unknown): never => {
    if (error instanceof Error) error.message += sourcesText(fieldsOf(error, own, decided), decided);
    throw error;
  };
  try {
    const result = part();
    return result instanceof Promise ? (result.catch(explained) as T) : result;
  } catch (error) {
    return explained(error);
  }
}

/** What an error is about. Only errors about the manifest have this: any other may mention a value by chance. */
function fieldsOf(error: Error, own: SparkApplication, decided: readonly TeamDefault[]): readonly RefusedField[] {
  if (error instanceof ApplicationRefused) return error.fields;
  if (error instanceof ManifestError) return error.problems.map(({ path }) => ({ path }));
  if (!(error instanceof SubmissionRefused)) return [];
  const whole = withUnchecked(own, decided);
  const { key, otherKey } = error;
  return [key, ...(otherKey === undefined ? [] : [otherKey])].map((each) => ({ path: confPath(whole, each) }));
}

function sourcesText(fields: readonly RefusedField[], decided: readonly TeamDefault[]): string {
  const sources = decided
    .filter((each) =>
      fields.some(({ path, value }) => isAt(path, each) && (value === undefined || value === each.value)),
    )
    .map(({ path, rule }) => `${pathText(path)} is set by rule "${rule}"`);
  return sources.length === 0 ? '' : `\nDefaults of the worker: ${sources.join(', ')}.`;
}

const isAt = (path: RefusedField['path'], { path: own }: TeamDefault): boolean =>
  path.length === own.length && path.every((part, index) => part === own[index]);

/** The rule that set the value at a path, if one did. */
export const ruleAt = (decided: readonly TeamDefault[], path: RefusedField['path']): string | undefined =>
  decided.find((each) => isAt(path, each))?.rule;
