import { Context } from '@temporalio/activity';
import { DEFAULT_TIMINGS } from '../../timings/index.ts';

/**
 * Runs a submission with the signal its submitter obeys, and heartbeats meanwhile: a dead worker is noticed by silence.
 */
export async function underSignal<T>(submit: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { cancellationSignal, info } = context;
  // A little before the server gives the try up.
  const deadline = AbortSignal.timeout(0.9 * info.startToCloseTimeoutMs);
  const stopped = new AbortController();
  const onCancel = () => {
    // A submission under way is finished first: an unrecorded driver could not be stopped.
    if (context.cancellationDetails?.cancelRequested !== true) stopped.abort(cancellationSignal.reason);
  };
  cancellationSignal.addEventListener('abort', onCancel, { once: true });
  if (cancellationSignal.aborted) onCancel();
  const heart = setInterval(
    () => context.heartbeat(),
    (info.heartbeatTimeoutMs ?? DEFAULT_TIMINGS.heartbeatTimeoutMs) / 3,
  );
  try {
    return await submit(AbortSignal.any([stopped.signal, deadline]));
  } finally {
    clearInterval(heart);
    cancellationSignal.removeEventListener('abort', onCancel);
  }
}
