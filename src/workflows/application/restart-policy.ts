import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { AttemptEnd } from './attempt-end.ts';
import { RestartBackoff, type FailureClass, type RunSettings } from '../../manifest/run-settings.ts';

/** The failures so far, including the attempt that just ended. */
export interface FailureCounts {
  /** Failed drivers since the last one that completed, by class. */
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  /** Submissions that failed since the last one that did not. */
  readonly submissionFailures: number;
}

type RestartPolicy = NonNullable<SparkApplicationManifest['spec']['restartPolicy']>;

/** Seconds between attempts where the manifest sets none, as the operator's webhook would fill in. */
const DEFAULT_INTERVAL_SECONDS = 5;

export interface RestartInput {
  readonly policy: RestartPolicy | undefined;
  readonly settings: Pick<RunSettings, 'backoff' | 'maxIntervalMs' | 'jitter' | 'retries'>;
  readonly end: Exclude<AttemptEnd, typeof AttemptEnd.Interrupted>;
  /** Of an attempt that failed. */
  readonly failureClass?: FailureClass;
  readonly counts: FailureCounts;
  /** A number of [0, 1), for the jitter. */
  readonly random: number;
}

/**
 * Milliseconds until the next attempt, counted from the end of the last one; undefined for no further attempt.
 *
 * `Never` never restarts; `OnFailure` up to its retries (N retries are N + 1 attempts), `Always` for ever. A class of
 * failures with retries of its own (annotation `temporal-spark/restart-retries`) is counted by itself, whatever the
 * policy. The delay grows by its interval with each failure, as the operator's does, or doubles, as the annotations
 * set; an application that completed is restarted at once. The operator counts from the last submission, so that a
 * driver that ran longer than the delay is restarted at once: ours counts from the failure (docs/compatibility.md).
 */
export function restartDelayMs(input: RestartInput): number | undefined {
  const { policy, settings, end, failureClass, counts } = input;
  const type = policy?.type ?? 'Never';
  switch (end) {
    case AttemptEnd.Completed:
      return type === 'Always' ? 0 : undefined;
    case AttemptEnd.Failed: {
      const own = failureClass === undefined ? undefined : settings.retries[failureClass];
      const failures = own === undefined ? sharedFailures(input) : (counts.failures[failureClass!] ?? 0);
      if (failures > (own ?? limitOf(type, policy?.onFailureRetries))) return undefined;
      return delayMs(input, failures, policy?.onFailureRetryInterval);
    }
    case AttemptEnd.SubmissionFailed:
      if (counts.submissionFailures > limitOf(type, policy?.onSubmissionFailureRetries)) return undefined;
      return delayMs(input, counts.submissionFailures, policy?.onSubmissionFailureRetryInterval);
    default:
      return end satisfies never;
  }
}

function limitOf(type: RestartPolicy['type'], retries = 0): number {
  return type === 'Always' ? Infinity : type === 'OnFailure' ? retries : 0;
}

/** Failures of the classes that have no retries of their own. */
function sharedFailures({ settings, counts }: RestartInput): number {
  return Object.entries(counts.failures).reduce(
    (sum, [name, count]) => (settings.retries[name as FailureClass] === undefined ? sum + count : sum),
    0,
  );
}

function delayMs({ settings, random }: RestartInput, failures: number, seconds = DEFAULT_INTERVAL_SECONDS): number {
  const { backoff, maxIntervalMs = Infinity, jitter } = settings;
  const factor = backoff === RestartBackoff.Exponential ? 2 ** (failures - 1) : failures;
  const delay = Math.min(seconds * 1000 * factor, maxIntervalMs);
  return Math.round(delay * (1 + jitter * (2 * random - 1)));
}
