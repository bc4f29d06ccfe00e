import { afterEach, expect, it } from 'vitest';
import { createSparkActivities } from '../../src/activities/index.ts';
import { SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const own = Object.keys(createSparkActivities({ kubernetes: () => Promise.reject(new Error('not asked')) }));

it.each(own)('the activity of a stage cannot be the internal activity %s', async (type) => {
  workflow = await SteppedWorkflow.start({ type: 'sparkPipelineActivity', args: [{ type, args: [{}] }] });
  expect(workflow.activities.size).toBe(0);
  expect(workflow.end).toMatchObject({ kind: 'failed', error: { type: 'InvalidArgument', nonRetryable: true } });
});

it('the activity of a stage may be one of a user', async () => {
  workflow = await SteppedWorkflow.start({ type: 'sparkPipelineActivity', args: [{ type: 'double', args: [1] }] });
  expect([...workflow.activities.values()]).toMatchObject([{ type: 'double' }]);
});
