import { Context } from '@temporalio/activity';
import type { KubernetesClient, WatchLease } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { DriverReference, UnsettledSubmission } from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import type { DriverWait } from './driver-wait.ts';
import { endJobPods } from './job-pods.ts';

export interface LateDriverOptions extends Pick<Timings, 'lateCreationMs'> {
  /** Ends what the submission left running. */
  readonly withdraw: () => Promise<void>;
}

/**
 * Waits for the driver of a submission that failed, or was lost, and may still create it: by a worker that does not know
 * yet that the try is over, by a request that the API server carries out late, or by a Job. Only after that time is it
 * certain that the driver was never created.
 *
 * @returns the driver, or undefined where none can appear any more
 */
export async function lateDriver(
  kubernetes: KubernetesClient,
  wait: DriverWait,
  pods: WatchLease<Pod>,
  driver: DriverReference,
  { forMs, passedMs }: UnsettledSubmission,
  { lateCreationMs, withdraw }: LateDriverOptions,
): Promise<Pod | undefined> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const leaseMs = context.info.heartbeatTimeoutMs ?? DEFAULT_TIMINGS.heartbeatTimeoutMs;
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = context.info;
  // Both of Temporal's clock: an earlier try of this activity has waited, too.
  const waitedMs = passedMs + currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  let until = performance.now() + (forMs ?? leaseMs + lateCreationMs) - waitedMs;
  for (;;) {
    // Again and again: the request that makes its Job may be carried out late.
    await withdraw();
    // What it has sent to the API server may be carried out after its end.
    if (await endJobPods(kubernetes, driver, signal)) until = Math.max(until, performance.now() + lateCreationMs);
    const pod = await wait.read();
    if (pod !== undefined) return pod;
    const leftMs = until - performance.now();
    if (leftMs <= 0) return undefined;
    context.heartbeat();
    await change(pods, driver.driverPodName, Math.min(leftMs, leaseMs / 3), signal);
    signal.throwIfAborted();
  }
}

/** Resolves when the pod changes, after the time, or when the activity must stop. */
function change(pods: WatchLease<Pod>, name: string, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    const unsubscribe = pods.subscribe(end, name);
    signal.addEventListener('abort', end, { once: true });
  });
}
