import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { DriverReason, type LateSubmission, type SparkActivities } from '../../protocol/index.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import type { Unsettled } from './attempt-record.ts';

const SUBMIT = 'submitSparkApplication' satisfies keyof SparkActivities;

/** Whether the submission may still create its driver after this; undefined where it cannot, or none was under way. */
export function unsettledBy(error: unknown): Unsettled | undefined {
  if (!(error instanceof ActivityFailure) || error.activityType !== SUBMIT) return undefined;
  const { cause } = error;
  const since = Date.now();
  const { lateForMs }: Partial<LateSubmission> =
    cause instanceof ApplicationFailure ? asRecord(cause.details?.[0]) : {};
  // A lost worker reported nothing.
  return typeof lateForMs === 'number' ? unsettledAfter({ lateForMs }) : { since };
}

/** The same of an answer: an earlier try than the one that answered may still create the driver. */
export function unsettledAfter({ lateForMs = 0 }: Partial<LateSubmission>): Unsettled | undefined {
  return lateForMs > 0 ? { since: Date.now(), forMs: lateForMs } : undefined;
}

/** Why a submission created no driver. */
export interface FailedSubmission {
  /** Type of what the activity threw, `SubmissionDeadlineExceeded` or `SubmissionFailed`. */
  readonly reason: string;
  readonly message: string;
  readonly cause?: Error;
}

/** @param deadlineMs within which the driver must have been submitted, if there was such a deadline */
export function submissionFailure(error: unknown, deadlineMs?: number): FailedSubmission {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause === undefined) return { reason: DriverReason.SubmissionFailed, message: String(error) };
  const timedOut = cause instanceof TimeoutFailure;
  // A retryable failure ends only with the deadline: the server does not wait for a retry that would come too late.
  if (timedOut || (deadlineMs !== undefined && cause instanceof ApplicationFailure && !cause.nonRetryable)) {
    const last = timedOut ? cause.cause?.message : cause.message;
    const within = deadlineMs === undefined ? 'in time' : `within ${deadlineMs / 1000} s`;
    const message = `The driver was not submitted ${within}.${last === undefined ? '' : ` Last: ${last}`}`;
    return { reason: DriverReason.SubmissionDeadlineExceeded, message, cause };
  }
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  return { reason: type ?? DriverReason.SubmissionFailed, message: cause.message, cause };
}
