import { afterEach, expect, it } from 'vitest';
import { pipelineOf, step } from '../support/pipelines.ts';
import { completes, SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

/** Temporal takes no more than 2,000 children of a workflow at once. */
it('a pipeline of 1,200 stages that are ready starts 1,000 in one task, and no more', async () => {
  const stages = Array.from({ length: 1_200 }, (_, index) => step(`s${index}`));
  const manifest = pipelineOf('many', stages, { maxConcurrentStages: 1_000 });
  workflow = await SteppedWorkflow.start({
    ...{ type: 'sparkPipeline', args: [manifest], info: { workflowId: 'pipeline/many/x' } },
  });
  expect(workflow.children).toEqual([]);
  await workflow.task(completes('checkSparkPipeline'));
  expect(workflow.end).toBeUndefined();
  expect(workflow.children).toEqual(stages.slice(0, 1_000).map(({ name }) => `pipeline/many/x/${name}`));
});
