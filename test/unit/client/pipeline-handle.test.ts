import { WorkflowFailedError, type Client } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { pipelineHandle } from '../../../src/client/pipeline-handle.ts';
import { RESULT_MEMO } from '../../../src/protocol/index.ts';

const workflowId = 'pipeline/etl/weekly/monday';

/** A handle of the run `first`, of whose workflow ID `newest` is the newest run. */
function runWith(workflow: object, newest = 'first') {
  const getHandle = (_id: string, runId = newest): object => ({
    workflowId,
    client: { getHandle, withDeadline: (_deadline: number, send: () => Promise<unknown>) => send() },
    describe: () =>
      Promise.resolve({
        memo: { [RESULT_MEMO]: { state: runId } },
        raw: { workflowExecutionInfo: { firstRunId: runId } },
      }),
    ...workflow,
  });
  const client = { workflow: { getHandle } } as unknown as Client;
  return pipelineHandle({ client, workflowId, runId: 'first', timeoutMs: 1000 });
}

it.each(['first', 'second'])('has the result of its own run, where the newest is the %s', async (newest) => {
  const cancelled = new WorkflowFailedError(
    'Workflow execution cancelled',
    new CancelledFailure('cancelled'),
    'NON_RETRYABLE_FAILURE',
  );
  const run = runWith({ result: () => Promise.reject(cancelled) }, newest);
  await expect(run.result()).rejects.toMatchObject({ name: 'SparkPipelineFailedError', result: { state: 'first' } });
});
