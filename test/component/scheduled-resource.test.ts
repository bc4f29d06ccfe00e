import { afterEach, describe, expect, it } from 'vitest';
import { cancels, completes, SteppedWorkflow } from '../support/stepped-workflow.ts';
import { application } from '../support/stepped-application.ts';

const template = (application() as { readonly spec: object }).spec;
const manifest = {
  metadata: { name: 'daily', namespace: 'etl', labels: { team: 'data' } },
  spec: { schedule: '@daily', template },
};
const run = { namespace: 'etl', name: 'daily-0', uid: 'run' };

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

async function start(...args: unknown[]): Promise<SteppedWorkflow> {
  workflow = await SteppedWorkflow.start({ type: 'scheduledSparkResource', args });
  return workflow;
}

const started = () => start(manifest, { uid: 'schedule' });
const isCreated = completes('createScheduledRun', run);

describe('a run of a scheduled resource', () => {
  it('creates its SparkApplication, with the label and the labels of the schedule', async () => {
    await started();
    const { input } = workflow.pending('createScheduledRun');
    expect(input).toMatchObject({
      schedule: { name: 'daily', uid: 'schedule' },
      manifest: {
        kind: 'SparkApplication',
        metadata: { namespace: 'etl', labels: { team: 'data', 'sparkoperator.k8s.io/scheduled-app-name': 'daily' } },
      },
    });
    const { name } = (input['manifest'] as { metadata: { name: string } }).metadata;
    expect(name).toMatch(/^daily-\d+$/);
    // The API server deletes its driver with it: housekeeping has nothing to count.
    expect(JSON.stringify(input)).not.toContain('run-history-limit');
  });

  it('lasts until that has ended', async () => {
    await started();
    await workflow.task(isCreated);
    expect(workflow.pending('waitForScheduledRun').input).toEqual(run);
    await workflow.task(completes('waitForScheduledRun', 'COMPLETED'));
    expect(workflow.end).toMatchObject({ kind: 'completed', result: { state: 'COMPLETED' } });
  });

  it('fails with it, so that a schedule can be paused on failure', async () => {
    await started();
    await workflow.task(isCreated);
    await workflow.task(completes('waitForScheduledRun', 'FAILED'));
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { type: 'ScheduledRunFailed' } });
  });

  it('creates nothing once its schedule is deleted', async () => {
    await started();
    await workflow.task(completes('createScheduledRun', undefined));
    expect(workflow.end).toMatchObject({ kind: 'completed', result: { state: 'DELETED' } });
  });

  it('deletes it when it is replaced', async () => {
    await started();
    await workflow.task(isCreated);
    await workflow.task(cancels);
    expect(workflow.pending('deleteScheduledRun').input).toMatchObject({ namespace: 'etl', scheduleUid: 'schedule' });
    await workflow.task(completes('deleteScheduledRun'));
    expect(workflow.end).toEqual({ kind: 'cancelled' });
  });

  it.each<[string, unknown[]]>([
    ['no resource', [manifest]],
    ['a resource without a UID', [manifest, {}]],
    ['no manifest', [undefined, { uid: 'schedule' }]],
  ])('fails where it is started with %s', async (_, args) => {
    await start(...args);
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { type: 'InvalidArgument', nonRetryable: true } });
  });
});
