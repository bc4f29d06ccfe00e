import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { DEFAULT_TIMINGS } from '../../timings/index.ts';
import { present } from '../../validation/present.ts';
import type { SubmissionHeartbeat } from './lateness.ts';

/** Parts of the heartbeat timeout. */
const CONFIRM_AFTER = 1 / 3;
const LOST_AFTER = 2 / 3;
const LOOK_EVERY = 1 / 12;

/** Temporal no longer wants this try of a submission, or does not answer whether it does. */
export class SubmissionUnconfirmed extends Error {
  override readonly name = 'SubmissionUnconfirmed';
  readonly type = 'SubmissionUnconfirmed';
  readonly retryable = true;
}

/**
 * Runs a submission with the signal its submitter obeys, and heartbeats meanwhile: a dead worker is noticed by silence.
 * The signal is aborted a little before the server gives the try up, where Temporal no longer counts on the try, and
 * where the worker stops.
 */
export async function underSignal<T>(submit: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { cancellationSignal, info } = context;
  const leaseMs = info.heartbeatTimeoutMs ?? DEFAULT_TIMINGS.heartbeatTimeoutMs;
  const deadline = AbortSignal.timeout(timeLeftMs(info));
  const stopped = new AbortController();
  const onCancel = () => {
    // A submission under way is finished first: an unrecorded driver could not be stopped.
    if (context.cancellationDetails?.cancelRequested !== true) stopped.abort(cancellationSignal.reason);
  };
  cancellationSignal.addEventListener('abort', onCancel, { once: true });
  if (cancellationSignal.aborted) onCancel();
  const beat = () => context.heartbeat({ attempt: info.attempt } satisfies SubmissionHeartbeat);
  const heart = setInterval(beat, leaseMs / 3);
  const endLease = holdLease(leaseMs, (why) => stopped.abort(why));
  try {
    return await submit(AbortSignal.any([stopped.signal, deadline]));
  } finally {
    endLease();
    clearInterval(heart);
    cancellationSignal.removeEventListener('abort', onCancel);
  }
}

/** Until the server gives the try up: by the try's own timeout, or by that of all tries together. */
function timeLeftMs(info: Context['info']): number {
  const { startToCloseTimeoutMs, scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  // Both times are of Temporal's clock.
  const passedMs = info.currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  const leftMs = scheduleToCloseTimeoutMs > 0 ? scheduleToCloseTimeoutMs - passedMs : Infinity;
  return Math.max(1, Math.min(0.9 * startToCloseTimeoutMs, leftMs));
}

/**
 * A try of a submission may create objects only while Temporal counts on it: the workflow takes a try for lost that sends
 * no heartbeats, and what that creates later would run unwatched. The start of the try is the first confirmation. A try
 * that takes longer than a third of its heartbeat timeout asks Temporal again, and again; it is lost where Temporal has
 * replaced it, or has not answered for two thirds of the timeout. Quick tries never ask.
 *
 * @returns how to end it
 */
export function holdLease(leaseMs: number, lost: (why: SubmissionUnconfirmed) => void): () => void {
  const context = Context.current();
  let confirmedAt = performance.now();
  let asking = false;
  const confirm = async () => {
    const askedAt = performance.now();
    asking = true;
    try {
      if (await isCurrent(context, leaseMs * CONFIRM_AFTER)) confirmedAt = askedAt;
      else end('The workflow no longer wants this submission: it has ended, or another worker took it over.');
    } catch (error) {
      context.log.warn('Cannot confirm with Temporal that this submission is wanted; asking again', { error });
    } finally {
      asking = false;
    }
  };
  const end = (why: string) => {
    clearInterval(timer);
    lost(new SubmissionUnconfirmed(why));
  };
  const timer = setInterval(() => {
    const unconfirmedMs = performance.now() - confirmedAt;
    if (unconfirmedMs >= leaseMs * LOST_AFTER) {
      end('Temporal did not confirm in time that this submission is still wanted, so nothing more is created for it.');
    } else if (!asking && unconfirmedMs >= leaseMs * CONFIRM_AFTER) {
      void confirm();
    }
  }, leaseMs * LOOK_EVERY);
  return () => clearInterval(timer);
}

/** @throws ServiceError where Temporal does not answer */
async function isCurrent(
  { client, info }: { client: Client; info: Context['info'] },
  timeoutMs: number,
): Promise<boolean> {
  const { activityId, attempt, workflowExecution: execution } = info;
  const { namespace } = client.options;
  const { pendingActivities } = await client.withDeadline(Date.now() + timeoutMs, () =>
    client.workflowService.describeWorkflowExecution({ namespace, ...present({ execution }) }),
  );
  return pendingActivities?.some((each) => each.activityId === activityId && each.attempt === attempt) === true;
}
