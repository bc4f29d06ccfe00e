import { Client, type Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { Runs } from '../../../src/operator/runs.ts';
import { application } from '../../support/stepped-application.ts';

it('starts a run with the request id that it was given, so that Temporal knows a repeated start', async () => {
  const sent: { requestId?: string }[] = [];
  const workflowService = {
    startWorkflowExecution: async (request: { requestId?: string }) => {
      sent.push(request);
      return { runId: 'run' };
    },
  };
  const connection = { workflowService, ensureConnected: async () => {} } as unknown as Connection;
  const runs = new Runs(new Client({ connection }), 'spark');
  const resource = { uid: 'uid', generation: 1, digest: 'digest' };
  await runs.start({ manifest: application(), resource, requestId: 'uid/1/none' });
  expect(sent).toEqual([expect.objectContaining({ requestId: 'uid/1/none' })]);
});
