import { WorkflowFailedError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
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

it('reports what the workflow rejects as a request that was refused, with the run', async () => {
  const cause = ApplicationFailure.create({ message: 'unknown stage "x"; known: work', type: 'Error' });
  const executeUpdate = () => Promise.reject(new WorkflowUpdateFailedError('Workflow Update failed', cause));
  await expect(runWith({ executeUpdate }).cancelStage('x')).rejects.toMatchObject({
    ...{ name: 'PipelineRequestError', type: 'RequestRefused' },
    message: `${workflowId}: unknown stage "x"; known: work`,
  });
});

it('reports that no worker answered where the server passes the deadline first', async () => {
  const reset = Object.assign(new Error('1 CANCELLED: Call cancelled'), {
    code: 1,
    details: 'Call cancelled',
    metadata: {},
  });
  const query = () => Promise.reject(new Error('Failed to query Workflow', { cause: reset }));
  await expect(runWith({ query }).status()).rejects.toMatchObject({ name: 'PipelineRequestError', type: 'NoAnswer' });
});

it.each(['first', 'second'])('has the result of its own run, where the newest is the %s', async (newest) => {
  const cancelled = new WorkflowFailedError(
    'Workflow execution cancelled',
    new CancelledFailure('cancelled'),
    'NON_RETRYABLE_FAILURE',
  );
  const run = runWith({ result: () => Promise.reject(cancelled) }, newest);
  await expect(run.result()).rejects.toMatchObject({ name: 'SparkPipelineFailedError', result: { state: 'first' } });
});
