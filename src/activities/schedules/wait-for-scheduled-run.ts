import { once } from 'node:events';
import { Context } from '@temporalio/activity';
import { Resources, type CustomObject, type KubernetesClient } from '../../kubernetes/index.ts';
import { ApplicationState, RunEnd, type ScheduledRun } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import { asRecord } from '../../validation/unknown-data.ts';

/** Between two heartbeats. */
const HEARTBEAT_MS = 10_000;

/**
 * Waits until the SparkApplication of a scheduled run has ended or is gone, over a view that all waits of a namespace
 * share. It only observes.
 *
 * @throws CancelledFailure, KubernetesError
 */
export async function waitForScheduledRun(
  kubernetes: KubernetesClient,
  { namespace, name, uid }: ScheduledRun,
): Promise<RunEnd> {
  const { cancellationSignal: signal } = Context.current();
  const view = kubernetes.watch(Resources.sparkApplications, namespace, Label.ScheduledAppName);
  const cancelled = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  const heartbeat = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
  let wake = () => {};
  const unsubscribe = view.subscribe(() => wake(), name);
  try {
    await Promise.race([view.ready, cancelled]);
    for (;;) {
      signal.throwIfAborted();
      // Armed before looking, so that a change in between is not missed.
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const seen = endOf(view.get(name), uid);
      // A view may be behind: what ends the run is confirmed by a direct read.
      const end = seen && endOf(await kubernetes.get(Resources.sparkApplications, namespace, name, { signal }), uid);
      if (end !== undefined) return end;
      await Promise.race([changed, cancelled]);
    }
  } finally {
    clearInterval(heartbeat);
    unsubscribe();
    view.release();
  }
}

/** Undefined while it has not ended. */
function endOf(found: CustomObject | undefined, uid: string): RunEnd | undefined {
  if (found?.metadata?.uid !== uid) return RunEnd.Deleted;
  const { state } = asRecord(found.status?.['applicationState']);
  if (state === ApplicationState.Completed) return RunEnd.Completed;
  return state === ApplicationState.Failed ? RunEnd.Failed : undefined;
}
