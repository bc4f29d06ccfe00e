import { expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { createSparkActivities } from '../../src/activities/index.ts';
import { admissionWorkflowId, type AdmissionStatus } from '../../src/protocol/index.ts';
import { ActivityEnvironment } from '../support/activity-environment.ts';
import { goOn } from '../support/pipelines.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('lost-queue', { worker: {} });

it('the queue of a pool that is terminated keeps its places and its order, and admits no more than its limit', async () => {
  const { client, taskQueue, namespace } = temporal.env;
  const name = `lost-${namespace}`;
  const limits = { maxApplications: 2 };
  const activities = createSparkActivities({ kubernetes: () => Promise.reject(new Error('not asked')) });
  const queue = client.workflow.getHandle(admissionWorkflowId(name));
  const known = async () => {
    const { admitted, waiting } = await queue.query<AdmissionStatus>('status');
    return [admitted, waiting].map((requests) => requests.map(({ holder }) => holder));
  };

  /** In place of an application: a workflow that runs, and its request. */
  async function ask(holder: string) {
    const application = await client.workflow.start('step', {
      ...{ taskQueue, workflowId: `spark/${namespace}/${holder}`, args: [{ hold: true }] },
    });
    const request = {
      ...{ holder, workflowId: application.workflowId, runId: application.firstExecutionRunId, namespace, priority: 0 },
      ...{ requests: { cpu: 1, memory: 1 }, since: new Date().toISOString() },
    };
    const input = { queue: name, taskQueue, request, limits };
    await new ActivityEnvironment({}, { client }).run(() => activities.requestAdmission(input));
    return application;
  }

  const applications = [await ask('one'), await ask('two'), await ask('three')];
  await eventually('two to be admitted', async () => (await known())[0]!.length === 2);
  await queue.terminate();
  applications.push(await ask('four'));
  expect(await known()).toEqual([
    ['one', 'two'],
    ['three', 'four'],
  ]);
  await queue.signal('leave', { holder: 'one' });
  await eventually('the next to be admitted', async () => (await known())[0]!.includes('three'));
  for (const application of applications) await goOn(application);
  await queue.terminate();
});
