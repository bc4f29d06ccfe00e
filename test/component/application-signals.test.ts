import { afterEach, expect, it } from 'vitest';
import { isFinalized, isStopped, runningApplication, statusOf } from '../support/stepped-application.ts';
import { cancels, signals, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const executors = { pending: 0, running: 1, succeeded: 0, failed: 0 };
const counts = { completed: 1, running: 1, failed: 0, total: 3 };
const progress = { jobs: 1, stages: counts, tasks: counts, runningStages: [], observedAt: '2026-01-01T00:00:00Z' };

const malformed: readonly unknown[] = [
  {},
  { executors: null },
  { executors: 'many' },
  { executors: { pending: -1, running: 0, succeeded: 0, failed: 0 } },
  { executors, progress: 1 },
  { executors, progress: {} },
  { executors, progress: { ...progress, tasks: null } },
  { executors, progress: { ...progress, runningStages: {} } },
  { executors, progress: { ...progress, runningStages: [{ id: 1 }] } },
  { executors, progress: { ...progress, runningStages: Array.from({ length: 1000 }, () => ({})) } },
];

it('answers no queue whose name is not valid', async () => {
  workflow = await runningApplication();
  const answers = ['x'.repeat(1_000), '\ud800'].map((queue) => signals('admission', { queue, holder: 'a' }));
  await workflow.task(...answers);
  expect(workflow.sent).toEqual([]);
  await workflow.task(signals('admission', { queue: 'pool', holder: 'a' }));
  expect(workflow.sent).toMatchObject([{ workflowId: 'admission/pool', name: 'leave' }]);
});

it('drops each malformed report of progress, and can be cancelled afterwards', async () => {
  workflow = await runningApplication();
  const { submissionId } = await statusOf(workflow);
  await workflow.task(signals('driverProgress'), signals('driverProgress', null), signals('driverProgress', 'x'));
  for (const each of malformed) await workflow.task(signals('driverProgress', { submissionId, ...(each as object) }));
  expect(await statusOf(workflow)).not.toHaveProperty('progress');
  expect(workflow.logged).toContainEqual(
    expect.objectContaining({ message: 'Dropped a malformed signal: driverProgress' }),
  );
  await workflow.task(signals('driverProgress', { submissionId, executors, progress }));
  expect(await statusOf(workflow)).toMatchObject({ executors, progress: { jobs: 1, tasks: counts } });
  await workflow.task(cancels);
  await workflow.task(isStopped);
  await workflow.task(isFinalized);
  expect(workflow.end).toMatchObject({ kind: 'cancelled' });
});
