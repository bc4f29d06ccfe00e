import { expect, it } from 'vitest';
import { isSubmitted, runs, startApplication, statusOf } from '../support/stepped-application.ts';
import { completes, signals } from '../support/stepped-workflow.ts';

const SUBMIT = 'submitSparkApplication';

it('submits to the cluster that was chosen, and waits for the driver there', async () => {
  const workflow = await startApplication();
  await workflow.task(completes(SUBMIT, { cluster: 'west' }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ cluster: 'west' });
  await workflow.task(isSubmitted);
  expect(workflow.pending('waitForSparkDriver').input).toMatchObject({ cluster: 'west' });
  expect(await statusOf(workflow)).toMatchObject({ state: 'SUBMITTED', cluster: 'west' });
  await workflow.task(runs);
  expect(workflow.pending('waitForSparkDriver').input).toMatchObject({ cluster: 'west', until: 'ended' });
  await workflow.dispose();
});

it('replaces a cluster that cannot be reached by another', async () => {
  const workflow = await startApplication();
  await workflow.task(completes(SUBMIT, { cluster: 'west' }));
  await workflow.task(completes(SUBMIT, { unreachable: 'west', message: 'down' }));
  expect(workflow.pending(SUBMIT).input).not.toHaveProperty('cluster');
  await workflow.task(completes(SUBMIT, { cluster: 'east' }));
  await workflow.task(isSubmitted);
  expect(workflow.pending('waitForSparkDriver').input).toMatchObject({ cluster: 'east' });
  await workflow.dispose();
});

it('queues for the cluster that was chosen with it, and submits once it is admitted', async () => {
  const workflow = await startApplication();
  const limits = { maxApplications: 1 };
  const plan = { cluster: 'west', queue: 'west/spot', limits, priority: 0, requests: { cpu: 1, memory: 1 } };
  await workflow.task(completes(SUBMIT, plan));
  expect(await statusOf(workflow)).toMatchObject({ state: 'QUEUED', cluster: 'west', queue: { name: 'west/spot' } });
  await workflow.task(completes('requestAdmission', undefined));
  const { submissionId } = await statusOf(workflow);
  await workflow.task(signals('admission', { queue: 'west/spot', holder: submissionId, waiting: 0 }));
  expect(workflow.pending(SUBMIT).input).toMatchObject({ cluster: 'west', admitted: true });
  await workflow.task(isSubmitted);
  expect(await statusOf(workflow)).toMatchObject({ state: 'SUBMITTED', cluster: 'west' });
  await workflow.dispose();
});
