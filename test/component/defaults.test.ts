import { expect, it } from 'vitest';
import { isSubmitted, startApplication } from '../support/stepped-application.ts';
import { completes } from '../support/stepped-workflow.ts';

const SUBMIT = 'submitSparkApplication';

it('submits with the defaults that were decided, once for the attempt, on any cluster', async () => {
  const workflow = await startApplication();
  const defaults = [{ rule: 'base', path: ['spec', 'driver', 'serviceAccount'], value: 'team' }];
  expect(workflow.pending(SUBMIT).input).not.toHaveProperty('defaults');
  await workflow.task(completes(SUBMIT, { defaults, cluster: 'west' }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ defaults, cluster: 'west' });
  await workflow.task(completes(SUBMIT, { unreachable: 'west', message: 'down' }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ defaults });
  await workflow.task(isSubmitted);
  expect(workflow.pending('waitForSparkDriver').input).toBeDefined();
  await workflow.dispose();
});
