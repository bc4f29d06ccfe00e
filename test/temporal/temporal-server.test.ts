import { expect, test } from 'vitest';
import { applicationAttributes } from '../../src/protocol/index.ts';
import { eventually } from '../../lab/eventually.ts';
import { startTemporalServer } from '../support/temporal-server.ts';

test('a Temporal server without a cluster has our search attributes as soon as it is started', async () => {
  await using server = await startTemporalServer();
  expect(server).toMatchObject({
    address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    namespace: 'default',
  });
  const { workflow } = server.client;
  const typedSearchAttributes = applicationAttributes('spark', 'pi');
  await workflow.start('anything', { workflowId: 'pi', taskQueue: 'none', typedSearchAttributes });
  const found = await eventually('the workflow in a search', async () => {
    for await (const { workflowId } of workflow.list({ query: `SparkApplicationName = 'pi'` })) return workflowId;
    return undefined;
  });
  expect(found).toBe('pi');
});
