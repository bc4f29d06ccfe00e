import type { ProblemPath } from '../validation/problem.ts';
import type { ScheduledSparkApplicationManifest } from './manifest-types.ts';
import { inferredSpec } from './spark-application-spec.ts';

const { driver, executor } = inferredSpec.shape;

/** The parts of `spec` that have a field of this name: for one that was written at another place. */
export function homesOfField(field: string, path: ProblemPath): readonly string[] {
  return isPartOfSpec(path) ? homesBelow('spec', field) : [];
}

const OF_SCHEDULE = [
  'schedule',
  'timeZone',
  'concurrencyPolicy',
  'successfulRunHistoryLimit',
  'failedRunHistoryLimit',
] as const satisfies readonly (keyof ScheduledSparkApplicationManifest['spec'])[];

/** The same for a ScheduledSparkApplication, whose template is the application's spec. */
export function homesInSchedule(field: string, path: ProblemPath): readonly string[] {
  if (!isPartOfSpec(path)) return [];
  return OF_SCHEDULE.some((own) => own === field) ? ['spec'] : homesBelow('spec.template', field);
}

const isPartOfSpec = (path: ProblemPath): boolean =>
  ['spec', 'template', 'driver', 'executor'].some((part) => part === path.at(-1));

const homesBelow = (root: string, field: string): readonly string[] =>
  Object.entries({ [root]: inferredSpec, [`${root}.driver`]: driver, [`${root}.executor`]: executor })
    .filter(([, { shape }]) => Object.hasOwn(shape, field))
    .map(([home]) => home);
