import { parseSparkApplication } from '../manifest/load.ts';
import type { SparkApplication } from '../manifest/spark-application.ts';
import type { TeamDefault } from '../protocol/team-default.ts';
import { RefusalReason, SubmissionRefused } from '../spark/submission-refused.ts';
import { pathText, valueAt } from '../validation/problems.ts';
import type { TeamDefaults } from './team-defaults.ts';

/**
 * The application with what was decided for it, checked as a whole. What it has itself stays.
 *
 * @throws ManifestError where a value does not go with the rest of the manifest
 */
export function withDefaults(application: SparkApplication, decided: readonly TeamDefault[]): SparkApplication {
  const given = structuredClone(application);
  for (const { path, value } of decided) {
    if (valueAt(given, path) === undefined) setAt(given as unknown as Tree, path, value);
  }
  return parseSparkApplication(given);
}

interface Tree {
  [key: string]: Tree | string | number;
}

function setAt(root: Tree, path: readonly string[], value: string | number): void {
  let parent = root;
  for (const key of path.slice(0, -1)) parent = (parent[key] ??= {}) as Tree;
  parent[path.at(-1)!] = value;
}

/**
 * The result of what is done with them; an error that names one of them also names its rule.
 *
 * @throws what `part` throws
 */
export function explaining<T>(decided: readonly TeamDefault[], part: () => T): T {
  const explained = (error: unknown): never => {
    if (error instanceof Error) error.message += sourcesIn(error.message, decided);
    throw error;
  };
  try {
    const result = part();
    return result instanceof Promise ? (result.catch(explained) as T) : result;
  } catch (error) {
    return explained(error);
  }
}

function sourcesIn(message: string, decided: readonly TeamDefault[]): string {
  const named = decided.filter(
    ({ path, value }) =>
      [`"${value}"`, pathText(path)].some((text) => message.includes(text)) ||
      // Configuration and labels are named by their keys.
      (path.length > 2 && /[./]/.test(path.at(-1)!) && message.includes(path.at(-1)!)),
  );
  const sources = named.map(({ path, rule }) => `${pathText(path)} is set by rule "${rule}"`);
  return sources.length === 0 ? '' : `\nDefaults of the worker: ${sources.join(', ')}.`;
}

/** @throws SubmissionRefused where neither the application nor a rule has an image */
export function refuseWithoutImage(application: SparkApplication, defaults: TeamDefaults | undefined): void {
  const { metadata, spec } = application;
  if (spec.image !== undefined || (spec.driver.image !== undefined && spec.executor.image !== undefined)) return;
  const { namespace, name } = metadata;
  const matching = defaults?.rulesOf(application).map((rule) => `"${rule.name}"`) ?? [];
  const why =
    defaults === undefined
      ? 'its worker has no defaults'
      : `the defaults of its worker (${defaults.file ?? 'not from a file'}) set none; ` +
        (matching.length === 0 ? 'no rule matches it' : `rules that match it: ${matching.join(', ')}`);
  throw new SubmissionRefused({
    reason: RefusalReason.MissingImage,
    key: 'spec.image',
    problem: `application ${namespace}/${name} has no image, and ${why}`,
    remedy: 'Set spec.image, or ask an administrator for a default image.',
  });
}
