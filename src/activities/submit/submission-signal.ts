import { Context } from '@temporalio/activity';
import { DEFAULT_TIMINGS } from '../../timings/index.ts';
import type { SubmissionHeartbeat } from './lateness.ts';
import { holdLease } from './submission-lease.ts';

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
