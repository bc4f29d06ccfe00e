import { setInterval as every } from 'node:timers/promises';
import { Context, getClient, heartbeat } from '@temporalio/activity';
import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { parseSparkPipeline } from '../../manifest/index.ts';
import { carriedTimings, PIPELINE_TIMINGS, SEMAPHORE_TIMINGS, type Timings } from '../../timings/index.ts';
import {
  acquireSemaphoreSignal,
  failedOutcome,
  SEMAPHORE_WORKFLOW,
  semaphoreGrantedSignal,
  semaphoreWorkflowId,
  StageReason,
  type CarriedSemaphore,
  type ChildOutcome,
  type PipelineActivities,
  type RequestSemaphoreInput,
  type SemaphoreRequest,
  type WorkflowReference,
} from '../../protocol/index.ts';
import { askQueue } from '../ask-queue.ts';
import { withFailures } from '../failure.ts';

/** They need only the worker's own connection to Temporal. */
export function createPipelineActivities(timings: Timings): PipelineActivities {
  return {
    checkSparkPipeline: (manifest) =>
      withFailures(async () => {
        parseSparkPipeline(manifest);
        const carried = carriedTimings(timings, PIPELINE_TIMINGS);
        return carried.timings === undefined ? undefined : carried;
      }),
    findChild,
    waitForWorkflow: async (workflow) => waitForWorkflow(workflow, timings),
    cancelWorkflow,
    terminateWorkflow,
    requestSemaphore: async (input) => requestSemaphore(input, timings),
    closedWorkflows,
  };
}

const findChild: PipelineActivities['findChild'] = async ({ workflowId, parent }) => {
  const child = await describedRun(workflowId);
  const { parentExecution, firstRunId, execution } = child?.raw.workflowExecutionInfo ?? {};
  if (parentExecution?.workflowId !== parent.workflowId) return undefined;
  // Its parent is one run of the chain: that before a reset, or one that continued as new.
  const starter = await describedRun(parent.workflowId, parentExecution.runId ?? '');
  if (starter?.raw.workflowExecutionInfo?.firstRunId !== parent.runId) return undefined;
  const runId = firstRunId || execution?.runId;
  return runId ? { runId } : undefined;
};

/** The latest run without `runId`; undefined where Temporal has no record of it. */
async function describedRun(workflowId: string, runId?: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await getClient().workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function waitForWorkflow(
  { workflowId, runId }: WorkflowReference,
  { heartbeatTimeoutMs }: Timings,
): Promise<ChildOutcome> {
  const { cancellationSignal, cancelled, info } = Context.current();
  const intervalMs = (info.heartbeatTimeoutMs ?? heartbeatTimeoutMs) / 3;
  const ended = new AbortController();
  const signal = AbortSignal.any([cancellationSignal, ended.signal]);
  const alive = (async () => {
    for await (const _ of every(intervalMs, undefined, { signal })) heartbeat();
  })().catch(() => undefined);
  heartbeat();
  try {
    const { workflow } = getClient();
    // A pipeline that continues as new again leaves this wait behind.
    const result: unknown = await Promise.race([workflow.getHandle(workflowId, runId).result(), cancelled]);
    return { status: 'completed', result };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return failedOutcome(error.cause);
    if (error instanceof WorkflowNotFoundError) {
      return {
        status: 'failed',
        reason: StageReason.WorkflowLost,
        message: `Temporal has no record of the workflow ${workflowId} any more.`,
      };
    }
    throw error;
  } finally {
    ended.abort();
    await alive;
  }
}

async function cancelWorkflow(workflow: WorkflowReference): Promise<void> {
  await ignoreNotFound(handleOf(workflow).cancel());
}

async function terminateWorkflow({
  reason,
  ...workflow
}: WorkflowReference & { readonly reason: string }): Promise<void> {
  await ignoreNotFound(handleOf(workflow).terminate(reason));
}

/** The latest run of a chain. */
function handleOf({ workflowId, runId }: WorkflowReference): WorkflowHandle {
  return getClient().workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
}

/** A workflow that has ended in the meantime needs no request. */
async function ignoreNotFound(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function requestSemaphore(
  { name, taskQueue, ...request }: RequestSemaphoreInput,
  timings: Timings,
): Promise<void> {
  const fresh: CarriedSemaphore = { limit: request.limit, holders: [], waiting: [] };
  const semaphore = {
    ...{ type: SEMAPHORE_WORKFLOW, workflowId: semaphoreWorkflowId(name), taskQueue, name, fresh },
    ...{ asks: acquireSemaphoreSignal.name, grants: semaphoreGrantedSignal.name },
    timings: carriedTimings(timings, SEMAPHORE_TIMINGS),
    summary: `at most ${request.limit} at once`,
  };
  await askQueue(semaphore, request satisfies SemaphoreRequest);
}

async function closedWorkflows(workflows: readonly (string | WorkflowReference)[]): Promise<string[]> {
  const client = getClient();
  const closed = await Promise.all(
    workflows.map(async (workflow) => {
      const { workflowId, runId } =
        typeof workflow === 'string' ? { workflowId: workflow, runId: undefined } : workflow;
      try {
        const { status, raw } = await client.workflow.getHandle(workflowId).describe();
        const isOther = runId !== undefined && raw.workflowExecutionInfo?.firstRunId !== runId;
        return status.name === 'RUNNING' && !isOther ? [] : [workflowId];
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [workflowId];
        throw error;
      }
    }),
  );
  return closed.flat();
}
