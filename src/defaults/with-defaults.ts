import { parseSparkApplication } from '../manifest/load.ts';
import type { SparkApplication } from '../manifest/spark-application.ts';
import type { TeamDefault } from '../protocol/team-default.ts';
import { RefusalReason, SubmissionRefused } from '../spark/submission-refused.ts';
import { valueAt } from '../validation/problems.ts';
import type { TeamDefaults } from './team-defaults.ts';

/**
 * The application with what was decided for it, checked as a whole. What it has itself stays.
 *
 * @throws ManifestError where a value does not go with the rest of the manifest
 */
export function withDefaults(application: SparkApplication, decided: readonly TeamDefault[]): SparkApplication {
  return parseSparkApplication(withUnchecked(application, decided));
}

/** The same, whatever the values are. */
export function withUnchecked<T extends object>(application: T, decided: readonly TeamDefault[]): T {
  const given = structuredClone(application);
  for (const { path, value } of decided) {
    if (valueAt(given, path) === undefined) setAt(given as unknown as Tree, path, value);
  }
  return given;
}

interface Tree {
  [key: string]: Tree | string | number;
}

function setAt(root: Tree, path: readonly string[], value: string | number): void {
  let parent = root;
  for (const key of path.slice(0, -1)) parent = (parent[key] ??= {}) as Tree;
  parent[path.at(-1)!] = value;
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
