import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import {
  isKubernetesError,
  type CallOptions,
  type EventRecorder,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import { statusEvents, StatusWrite, writeStatus } from '../../mirror/index.ts';
import type { MirroredStatus, Mirroring } from '../../protocol/index.ts';

export interface Resources {
  /** The cluster that the resources are on. */
  readonly home: () => Promise<KubernetesClient>;
  readonly events: EventRecorder;
}

/** For a write and its repetitions: nothing waits longer for the status of a resource. */
const DEADLINE_MS = 5_000;
const RETRY_MS = 500;

/**
 * The activity, which also writes to the status of the resource what its input has of it: at its start, because the
 * input is a record. A status that cannot be written does not fail the activity; the operator writes it later.
 */
export const mirrored =
  <I extends Mirroring, T>(resources: Resources, activity: (input: I) => Promise<T>) =>
  async (input: I): Promise<T> => {
    const { mirror } = input;
    if (mirror === undefined) return activity(input);
    const written = write(resources, mirror);
    try {
      return await activity(input);
    } finally {
      await written;
    }
  };

/** The same after the activity: a final status is seen only when nothing is left to be done. */
export const mirroredAfter =
  <I extends Mirroring, T>(resources: Resources, activity: (input: I) => Promise<T>) =>
  async (input: I): Promise<T> => {
    const result = await activity(input);
    if (input.mirror !== undefined) await write(resources, input.mirror);
    return result;
  };

/** Writes a status once, and records the Events about it. @throws KubernetesError */
export async function show(
  { home, events }: Resources,
  mirror: MirroredStatus,
  options: CallOptions = {},
): Promise<void> {
  const written = await writeStatus(await home(), mirror, options);
  if (written === StatusWrite.Written) events.record(...statusEvents(mirror));
}

async function write(resources: Resources, mirror: MirroredStatus): Promise<void> {
  const { log, cancellationSignal } = Context.current();
  const signal = AbortSignal.any([cancellationSignal, AbortSignal.timeout(DEADLINE_MS)]);
  for (;;) {
    try {
      await show(resources, mirror, { signal });
      return;
    } catch (error) {
      if (signal.aborted || !isKubernetesError(error) || !error.retryable) {
        log.warn('Cannot write the status of the SparkApplication; the operator writes it later', { error });
        return;
      }
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
