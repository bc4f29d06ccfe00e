import type { SparkApplicationManifest } from '../manifest/index.ts';

/** How an attempt ended, as far as restarts are concerned. */
export const AttemptEnd = {
  Completed: 'completed',
  /** The driver ran, or could not start. */
  Failed: 'failed',
  /** There was never a driver. */
  SubmissionFailed: 'submission-failed',
} as const;
export type AttemptEnd = (typeof AttemptEnd)[keyof typeof AttemptEnd];

/** What was tried so far, the attempt that just ended included. */
export interface AttemptCounts {
  /** Attempts that got a driver. */
  readonly runs: number;
  /** Submissions that failed since the last one that did not. */
  readonly submissionFailures: number;
}

type RestartPolicy = NonNullable<SparkApplicationManifest['spec']['restartPolicy']>;

/** Seconds between attempts where the manifest says none, as the operator's webhook would fill in. */
const DEFAULT_INTERVAL_SECONDS = 5;

/**
 * Milliseconds until the next attempt, counted from the end of the last one; undefined where there is none.
 *
 * `Never` never restarts; `OnFailure` as often as its retries say (N retries are N + 1 attempts), `Always` for ever. The
 * delay grows by its interval with each failure, as the operator's does; an application that completed is restarted at
 * once. The operator counts from the last submission, so that what ran longer than the delay is restarted at once: ours
 * counts from the failure (docs/compatibility.md).
 */
export function restartDelayMs(
  policy: RestartPolicy | undefined,
  end: AttemptEnd,
  { runs, submissionFailures }: AttemptCounts,
): number | undefined {
  const type = policy?.type ?? 'Never';
  if (type === 'Never') return undefined;
  switch (end) {
    case AttemptEnd.Completed:
      return type === 'Always' ? 0 : undefined;
    case AttemptEnd.Failed:
      if (type === 'OnFailure' && runs > (policy?.onFailureRetries ?? 0)) return undefined;
      return runs * (policy?.onFailureRetryInterval ?? DEFAULT_INTERVAL_SECONDS) * 1000;
    case AttemptEnd.SubmissionFailed:
      if (type === 'OnFailure' && submissionFailures > (policy?.onSubmissionFailureRetries ?? 0)) return undefined;
      return submissionFailures * (policy?.onSubmissionFailureRetryInterval ?? DEFAULT_INTERVAL_SECONDS) * 1000;
    default:
      return end satisfies never;
  }
}
