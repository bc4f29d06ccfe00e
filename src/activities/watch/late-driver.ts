import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient, type WatchLease } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { DriverReference, UnsettledSubmission } from '../../protocol/index.ts';
import { SUBMISSION_JOB } from '../../submitters/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import type { DriverWait } from './driver-wait.ts';

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
  { namespace, driverPodName, submissionId }: DriverReference,
  { forMs, passedMs }: UnsettledSubmission,
  { lateCreationMs }: Timings,
): Promise<Pod | undefined> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const leaseMs = context.info.heartbeatTimeoutMs ?? DEFAULT_TIMINGS.heartbeatTimeoutMs;
  let until = performance.now() + (forMs ?? leaseMs + lateCreationMs) - passedMs;
  const labelSelector = `${SUBMISSION_JOB}=${submissionId}`;
  for (;;) {
    for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector, signal })) {
      for (const { metadata, status } of page) {
        if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
        // What it has sent to the API server may be carried out after its end.
        until = Math.max(until, performance.now() + lateCreationMs);
        if (metadata?.deletionTimestamp !== undefined) continue;
        await kubernetes.delete(Resources.pods, namespace, metadata!.name!, { uid: metadata!.uid!, signal });
      }
    }
    const pod = await wait.read();
    if (pod !== undefined) return pod;
    const leftMs = until - performance.now();
    if (leftMs <= 0) return undefined;
    context.heartbeat();
    await change(pods, driverPodName, Math.min(leftMs, leaseMs / 3), signal);
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
