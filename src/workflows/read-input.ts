import { ApplicationFailure, patched, workflowInfo } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { applicationSizeFault } from '../manifest/size.ts';
import { plainData } from '../validation/plain-data.ts';
import { asRecord, isRecord } from '../validation/unknown-data.ts';
import { FailureType } from '../protocol/index.ts';
import type { Ledger } from './application/ledger.ts';

/** What the workflow itself reads of a manifest, and whether it is required. The submission checks the rest. */
const READ: readonly (readonly [path: string, kind: Kind, required: boolean])[] = [
  ['metadata.name', 'text', true],
  ['metadata.namespace', 'text', false],
  ['metadata.annotations', 'object', false],
  ['spec', 'object', true],
  ['spec.driver', 'object', true],
  ['spec.driver.podName', 'text', false],
  ['spec.sparkConf', 'object', false],
  ['spec.restartPolicy', 'object', false],
  ['spec.restartPolicy.onFailureRetries', 'number', false],
  ['spec.restartPolicy.onFailureRetryInterval', 'number', false],
  ['spec.restartPolicy.onSubmissionFailureRetries', 'number', false],
  ['spec.restartPolicy.onSubmissionFailureRetryInterval', 'number', false],
];

type Kind = 'text' | 'object' | 'number';
const KINDS: Readonly<Record<Kind, { readonly name: string; readonly fits: (item: unknown) => boolean }>> = {
  text: { name: 'text', fits: (item) => typeof item === 'string' },
  object: { name: 'an object', fits: isRecord },
  number: { name: 'a number', fits: (item) => typeof item === 'number' },
};

/**
 * Reads the manifest, which any Temporal client may have sent: with another shape the workflow's code would fail, and
 * its task would be retried for ever.
 *
 * @throws ApplicationFailure `InvalidManifest` with every problem
 */
export function readManifest(given: unknown): SparkApplicationManifest {
  const fault = applicationSizeFault(given);
  // Runs that began before this change continue.
  if (fault !== undefined && patched('manifest-size')) {
    throw invalidManifest(`The manifest ${fault}. Keep large data in a ConfigMap, a Secret or a file.`);
  }
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
      // A missing parent is reported by itself.
      if (item === undefined)
        return required && (isRecord(parent) || keys[0] === 'metadata') ? `${path} is missing` : [];
      return KINDS[kind].fits(item) ? [] : `${path} must be ${KINDS[kind].name}`;
    }),
  ];
  if (problems.length === 0) return value as unknown as SparkApplicationManifest;
  throw invalidManifest(`The first argument is not a SparkApplication manifest:\n${problems.join('\n')}`);
}

/** @throws ApplicationFailure `InvalidArgument` where it was not given by the workflow itself */
export function readCarriedOver(given: unknown): Partial<Ledger> {
  const carriedOver = given ?? {};
  if (isRecord(carriedOver)) {
    const { attempts = 0, submissionFailures = 0, failures = {}, attemptHistory = [], leftOn = '' } = carriedOver;
    const { mirror = { submissions: 0, executions: 0 } } = carriedOver;
    const counts = [attempts, submissionFailures, ...Object.values(asRecord(failures))];
    const mirrored = [asRecord(mirror)['submissions'], asRecord(mirror)['executions']];
    const isHistory = Array.isArray(attemptHistory) && attemptHistory.every(isAttemptSummary);
    const isCounted = isRecord(failures) && [...counts, ...mirrored].every(isCount);
    if (isCounted && isHistory && typeof leftOn === 'string') return carriedOver;
  }
  throw ApplicationFailure.nonRetryable(
    'The second argument is reserved for continue-as-new; start the workflow with the manifest alone.',
    FailureType.InvalidArgument,
  );
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** As far as the workflow's code reads it. */
function isAttemptSummary(given: unknown): boolean {
  const { attempt, state, finishedAt, reason = '', exitCode = 0 } = asRecord(given);
  const texts = [state, finishedAt, reason];
  return isCount(attempt) && typeof exitCode === 'number' && texts.every((text) => typeof text === 'string');
}

/**
 * Each run of a cron workflow would count its attempts from 1 again, in the same chain of runs: it would adopt the last
 * run's driver.
 *
 * @throws ApplicationFailure `CronScheduleRefused`
 */
export function refuseCron(): void {
  const { cronSchedule } = workflowInfo();
  if (cronSchedule === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `A Spark application cannot be started with a cronSchedule ("${cronSchedule}"); terminate this workflow, and create ` +
      'a schedule from a ScheduledSparkApplication (temporal-spark schedule, SparkClient.schedules), or a Temporal ' +
      'Schedule that starts sparkApplication.',
    FailureType.CronScheduleRefused,
  );
}

/**
 * A run that Temporal retries would count its attempts from 1 again, in the same chain of runs: it would meet the driver
 * that the run before it left running, or adopt its end.
 *
 * @throws ApplicationFailure `RetryPolicyRefused`
 */
export function refuseRetryPolicy(): void {
  const { retryPolicy } = workflowInfo();
  if (retryPolicy === undefined || retryPolicy.maximumAttempts === 1) return;
  // Runs that began before this change continue.
  if (!patched('refuse-retry-policy')) return;
  throw ApplicationFailure.nonRetryable(
    'A Spark application cannot be started with a retry policy of Temporal; start it without one, and set ' +
      'spec.restartPolicy in its manifest.',
    FailureType.RetryPolicyRefused,
  );
}

export function invalidManifest(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message.toWellFormed(), FailureType.InvalidManifest);
}
