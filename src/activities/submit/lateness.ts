import { ApplicationFailure, Context } from '@temporalio/activity';
import { ClusterErrorType } from '../../clusters/index.ts';
import { KubernetesErrorType } from '../../kubernetes/index.ts';
import { FailureType, type LateSubmission } from '../../protocol/index.ts';
import { SubmitterErrorType } from '../../submitters/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { present } from '../../validation/present.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import { isTypedError, withFailures } from '../failure.ts';
import { leaveForNextTry } from '../next-try.ts';

/** What a try of a submission leaves for the next one. */
export interface SubmissionHeartbeat extends Partial<LateSubmission> {
  /** Of the activity, counted from 1. */
  readonly attempt: number;
}

/** After these the API server may still carry out what it was asked for. */
const AMBIGUOUS: ReadonlySet<string> = new Set([
  KubernetesErrorType.ConnectionLost,
  KubernetesErrorType.Timeout,
  KubernetesErrorType.ClientClosed,
  KubernetesErrorType.ServerError,
  SubmitterErrorType.SubmitterFailed,
  SubmitterErrorType.SubmitterTimeout,
]);

/** After these it will not. An error of another type, or without one, may be thrown while a request is under way. */
const CERTAIN: ReadonlySet<string> = new Set(
  [KubernetesErrorType, SubmitterErrorType, ClusterErrorType, FailureType]
    .flatMap((types) => Object.values<string>(types))
    .filter((type) => !AMBIGUOUS.has(type)),
);

/**
 * Runs a try of a submission so that its answer or its failure reports for how long its driver, or that of a previous
 * try, may still appear: until then the workflow neither records `NeverCreated`, nor frees the driver's name.
 */
export async function withLateness<T extends object>(
  timings: Timings,
  submit: () => Promise<T>,
): Promise<T & Partial<LateSubmission>> {
  const context = Context.current();
  const { lateCreationMs } = timings;
  const { heartbeatTimeoutMs = DEFAULT_TIMINGS.heartbeatTimeoutMs } = context.info;
  const begunAt = performance.now();
  const before = latenessBefore(context.info, heartbeatTimeoutMs + lateCreationMs);
  const late = (own: number): LateSubmission => ({
    lateForMs: Math.round(Math.max(own, before - (performance.now() - begunAt))),
  });
  try {
    const answer = await withFailures(submit, timings);
    const { lateForMs } = late(0);
    return lateForMs === 0 ? answer : { ...answer, lateForMs };
  } catch (error) {
    const left = late(isAmbiguous(error) ? lateCreationMs : 0);
    leaveForNextTry(left);
    throw withDetails(error, left);
  }
}

/** For how long after the start of this try the driver of a previous try may appear. */
function latenessBefore(info: Context['info'], lostMs: number): number {
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  // A reset of the activity resets its attempt count, but not the time when it was scheduled.
  if (attempt === 1) return currentAttemptScheduledTimestampMs === scheduledTimestampMs ? 0 : lostMs;
  const details = asRecord(info.heartbeatDetails);
  // A lost try left nothing, or what the try before it had left.
  const isOfLast = details['attempt'] === attempt - 1 && typeof details['lateForMs'] === 'number';
  return isOfLast ? Number(details['lateForMs']) : lostMs;
}

function isAmbiguous(error: unknown): boolean {
  const { cause } = error as Error;
  return !(error instanceof ApplicationFailure) || !isTypedError(cause) || !CERTAIN.has(cause.type);
}

function withDetails(error: unknown, late: LateSubmission): unknown {
  if (!(error instanceof ApplicationFailure)) return error;
  const { message, type, nonRetryable, cause } = error;
  // As `withFailures` wrote it.
  const nextRetryDelay = error.nextRetryDelay as number | undefined;
  return ApplicationFailure.create({
    ...{ message, nonRetryable: nonRetryable ?? false, details: [late] },
    ...present({ type: type ?? undefined, nextRetryDelay, cause }),
  });
}
