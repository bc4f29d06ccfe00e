import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { plainData } from '../validation/plain-data.ts';
import { isRecord } from '../validation/unknown-data.ts';
import { FailureType } from '../protocol/index.ts';
import type { Ledger } from './application/ledger.ts';

/** What the workflow itself reads of a manifest, and whether it has to be there. The submission checks all of it. */
const READ: readonly (readonly [path: string, kind: 'text' | 'object', required: boolean])[] = [
  ['metadata.name', 'text', true],
  ['metadata.namespace', 'text', false],
  ['metadata.annotations', 'object', false],
  ['spec', 'object', true],
  ['spec.driver', 'object', true],
  ['spec.driver.podName', 'text', false],
  ['spec.sparkConf', 'object', false],
  ['spec.restartPolicy', 'object', false],
];

/**
 * The manifest that any Temporal client may have sent: without it being of this shape, the workflow's code would fail,
 * and its task be tried again for ever.
 *
 * @throws ApplicationFailure `InvalidManifest` with every problem
 */
export function readManifest(given: unknown): SparkApplicationManifest {
  const { value, problems: found } = plainData(given);
  if (!isRecord(value)) {
    throw invalidManifest('The first argument must be a SparkApplication manifest as JSON, with metadata.name.');
  }
  const problems = [
    ...found.map(({ path, message }) => `${path.join('.')} ${message}`),
    ...READ.flatMap(([path, kind, required]) => {
      const keys = path.split('.');
      const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
      const item = isRecord(parent) ? parent[keys.at(-1)!] : undefined;
      // Whatever is above it is told of by itself.
      if (item === undefined)
        return required && (isRecord(parent) || keys[0] === 'metadata') ? `${path} is missing` : [];
      const fits = kind === 'text' ? typeof item === 'string' : isRecord(item);
      return fits ? [] : `${path} has to be ${kind === 'text' ? 'text' : 'an object'}`;
    }),
  ];
  if (problems.length === 0) return value as unknown as SparkApplicationManifest;
  throw invalidManifest(`The first argument is no SparkApplication manifest:\n${problems.join('\n')}`);
}

/** @throws ApplicationFailure `InvalidArgument` where somebody else than the workflow itself gave something */
export function readCarriedOver(given: unknown): Partial<Ledger> {
  const carriedOver = given ?? {};
  if (isRecord(carriedOver)) {
    const { attempts = 0, submissionFailures = 0, failures = {}, attemptHistory = [], leftOn = '' } = carriedOver;
    const counts = [attempts, submissionFailures].every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
    if (counts && isRecord(failures) && Array.isArray(attemptHistory) && typeof leftOn === 'string') return carriedOver;
  }
  throw ApplicationFailure.nonRetryable(
    'The second argument is for the workflow itself, when it continues as new: start it with the manifest alone.',
    FailureType.InvalidArgument,
  );
}

/**
 * Each run of a cron workflow would count its attempts from 1 again, in the same chain of runs: it would take the last
 * run's driver for its own.
 *
 * @throws ApplicationFailure `CronScheduleRefused`
 */
export function refuseCron(): void {
  const { cronSchedule } = workflowInfo();
  if (cronSchedule === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `A Spark application can not be started with a cronSchedule ("${cronSchedule}"): terminate this workflow, and make ` +
      'a schedule of a ScheduledSparkApplication instead (temporal-spark schedule, SparkClient.schedules), or a Temporal ' +
      'Schedule that starts sparkApplication.',
    FailureType.CronScheduleRefused,
  );
}

export function invalidManifest(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, FailureType.InvalidManifest);
}
