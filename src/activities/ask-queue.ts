import { Context, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { CarriedTimings, Timings } from '../timings/index.ts';
import { lostQueueOf, type QueueSignals } from './lost-queue.ts';

/** A workflow that grants places, which is started by the first request. */
export interface Queue extends QueueSignals {
  readonly type: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  /** First argument of the workflow. */
  readonly name: string;
  /** What it carries where nothing is held or waited for. */
  readonly fresh: object;
  readonly timings: CarriedTimings<Partial<Timings>>;
  readonly summary: string;
}

/** Of a closed workflow: it did not end because nothing was held or waited for. */
const LOST: ReadonlySet<string> = new Set(['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED']);

/**
 * Sends a request to a queue, and starts the queue where it does not run. One that was terminated, or ended otherwise
 * while places were held, is started with its places: the new one grants no more than the limit.
 */
export async function askQueue(queue: Queue, ...signalArgs: unknown[]): Promise<void> {
  const { workflow } = getClient();
  const { type, workflowId, taskQueue, name, fresh, timings, asks: signal, summary: staticSummary } = queue;
  const handle = workflow.getHandle(workflowId);
  if (await isFound(handle.signal(signal, ...signalArgs))) return;
  const lost = await lostCarried(handle, queue);
  const isFresh = lost === undefined && timings.timings === undefined;
  const args = isFresh ? [name] : [name, { ...fresh, ...lost, ...timings }];
  await workflow.signalWithStart(type, { workflowId, taskQueue, args, signal, signalArgs, staticSummary });
}

/** What the queue carried when it was lost; undefined where it was not, or where Temporal does not have it any more. */
async function lostCarried(latest: WorkflowHandle, signals: QueueSignals): Promise<object | undefined> {
  const { workflow, options } = getClient();
  try {
    const { status, runId } = await latest.describe();
    if (!LOST.has(status.name)) return undefined;
    const { workflowId } = latest;
    Context.current().log.warn(`The queue ${workflowId} is ${status.name}; starting it again with its places`, {
      runId,
    });
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    return await lostQueueOf(events ?? [], signals, options.loadedDataConverter);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function isFound(asked: Promise<void>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
