import { expect, it } from 'vitest';
import {
  ends,
  isFinalized,
  isSubmitted,
  neverWas,
  runs,
  startApplication,
  statusOf,
} from '../support/stepped-application.ts';
import { completes } from '../support/stepped-workflow.ts';

const SUBMIT = 'submitSparkApplication';

it('submits with the defaults that were decided, once for the attempt, on any cluster', async () => {
  const workflow = await startApplication();
  const defaults = [{ rule: 'base', path: ['spec', 'driver', 'serviceAccount'], value: 'team' }];
  expect(workflow.pending(SUBMIT).input).toMatchObject({ records: ['defaults'] });
  expect(workflow.pending(SUBMIT).input).not.toHaveProperty('defaults');
  await workflow.task(completes(SUBMIT, { defaults, cluster: 'west' }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ defaults, cluster: 'west' });
  await workflow.task(completes(SUBMIT, { unreachable: 'west', message: 'down' }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ defaults });
  await workflow.task(isSubmitted);
  expect(workflow.pending('waitForSparkDriver').input).toBeDefined();
  await workflow.dispose();
});

it('reports the defaults of the last attempt in the status and in the result', async () => {
  const workflow = await startApplication();
  const defaults = [{ rule: 'base', path: ['spec', 'image'], value: 'spark:4.1.4' }];
  await workflow.task(completes(SUBMIT, { defaults }));
  await workflow.task(isSubmitted);
  await workflow.task(runs);
  expect(await statusOf(workflow)).toMatchObject({ state: 'RUNNING', defaults });
  await workflow.task(ends(0));
  await workflow.task(isFinalized);
  expect(workflow.end).toMatchObject({ kind: 'completed', result: { state: 'COMPLETED', defaults } });
  await workflow.dispose();
});

it.each<[string, object]>([
  ['nothing', {}],
  ['a part that a later version decides', { priorityClass: 'high' }],
  ['defaults that cannot be read', { defaults: [{ rule: 'base' }] }],
])('fails a submission that is answered with a plan of %s, instead of repeating it without end', async (_, plan) => {
  const workflow = await startApplication();
  await workflow.task(completes(SUBMIT, plan));
  await workflow.task(neverWas);
  expect(workflow.end).toMatchObject({ kind: 'failed' });
  expect(JSON.stringify(workflow.end)).toContain('upgrade all workers');
  await workflow.dispose();
});
