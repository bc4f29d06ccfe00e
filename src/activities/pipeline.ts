import { setInterval as every } from 'node:timers/promises';
import { Context, getClient, heartbeat } from '@temporalio/activity';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { parseSparkPipeline, type SparkPipelineManifest } from '../manifest/index.ts';
import type { SemaphoreRequest } from '../workflows/definitions/index.ts';
import type { ChildOutcome } from '../workflows/index.ts';
import { withFailures } from './failure.ts';

/** How often a wait says that it is alive; a lost worker is noticed by its silence. */
const HEARTBEAT_MS = 10_000;

export interface WorkflowReference {
  readonly workflowId: string;
  /** First run of the chain that is meant. */
  readonly runId: string;
}

export interface RequestSemaphoreInput extends SemaphoreRequest {
  readonly name: string;
  readonly taskQueue: string;
}

/** The activities of `sparkPipeline` and `sparkSemaphore`. Their names are in histories: they never change. */
export interface PipelineActivities {
  /** @throws ApplicationFailure `InvalidManifest`, not retryable, with everything that is wrong */
  checkSparkPipeline(manifest: SparkPipelineManifest): Promise<void>;
  /** Waits for a child that was started before its pipeline continued as new. */
  waitForWorkflow(workflow: WorkflowReference): Promise<ChildOutcome>;
  /** Asks a semaphore for a place; it answers the requester with a signal. */
  requestSemaphore(input: RequestSemaphoreInput): Promise<void>;
  /** Those of the workflows that have ended or never were. */
  closedWorkflows(workflowIds: readonly string[]): Promise<string[]>;
}

/** Nothing but the worker's own connection to Temporal is needed. */
export function createPipelineActivities(): PipelineActivities {
  return {
    checkSparkPipeline: (manifest) =>
      withFailures(async () => {
        parseSparkPipeline(manifest);
      }),
    waitForWorkflow,
    requestSemaphore,
    closedWorkflows,
  };
}

async function waitForWorkflow({ workflowId, runId }: WorkflowReference): Promise<ChildOutcome> {
  const { cancellationSignal, cancelled } = Context.current();
  const ended = new AbortController();
  const signal = AbortSignal.any([cancellationSignal, ended.signal]);
  const alive = (async () => {
    for await (const _ of every(HEARTBEAT_MS, undefined, { signal })) heartbeat();
  })().catch(() => undefined);
  heartbeat();
  try {
    const { workflow } = getClient();
    // A pipeline that continues as new again leaves this wait behind.
    const result: unknown = await Promise.race([workflow.getHandle(workflowId, runId).result(), cancelled]);
    return { status: 'completed', result };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return outcomeOf(error.cause);
    if (error instanceof WorkflowNotFoundError) {
      return {
        status: 'failed',
        reason: 'WorkflowLost',
        message: `Temporal no longer knows the workflow ${workflowId}.`,
      };
    }
    throw error;
  } finally {
    ended.abort();
    await alive;
  }
}

/** How a workflow ended that did not complete; a parent is told the same in other words (see `childOutcome`). */
function outcomeOf(cause: Error | undefined): ChildOutcome {
  if (cause instanceof CancelledFailure) return { status: 'cancelled' };
  if (cause instanceof ApplicationFailure) {
    return {
      status: 'failed',
      reason: cause.type ?? 'Error',
      message: cause.message,
      ...(cause.details?.[0] === undefined ? {} : { detail: cause.details[0] }),
    };
  }
  const reason =
    cause instanceof TerminatedFailure ? 'Terminated' : cause instanceof TimeoutFailure ? 'WorkflowTimedOut' : 'Error';
  return { status: 'failed', reason, message: cause?.message ?? 'The workflow failed.' };
}

async function requestSemaphore({ name, taskQueue, ...request }: RequestSemaphoreInput): Promise<void> {
  await getClient().workflow.signalWithStart('sparkSemaphore', {
    workflowId: `semaphore/${name}`,
    taskQueue,
    args: [name],
    signal: 'acquire',
    signalArgs: [request],
    staticSummary: `at most ${request.limit} at once`,
  });
}

async function closedWorkflows(workflowIds: readonly string[]): Promise<string[]> {
  const client = getClient();
  const closed = await Promise.all(
    workflowIds.map(async (workflowId) => {
      try {
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return status.name === 'RUNNING' ? [] : [workflowId];
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [workflowId];
        throw error;
      }
    }),
  );
  return closed.flat();
}
