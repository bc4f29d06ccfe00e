import { afterEach, describe, expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import type { MirroredStatus } from '../../src/protocol/index.ts';
import {
  application,
  ends,
  isFinalized,
  isRefused,
  isStopped,
  isSubmitted,
  neverWas,
  runs,
  startApplication,
} from '../support/stepped-application.ts';
import { completes, type SteppedWorkflow } from '../support/stepped-workflow.ts';

const SETTING = 'temporal-spark/restart-max-interval';
const resource = { uid: 'resource', generation: 2, digest: 'd' };

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

/** One that serves a resource. */
async function serve(manifest: unknown = application()): Promise<SteppedWorkflow> {
  workflow = await startApplication(manifest, { info: { memo: { resource } } });
  return workflow;
}

/** What an activity that is under way writes. */
const mirror = (activity: string): MirroredStatus | undefined =>
  workflow.pending(activity).input['mirror'] as MirroredStatus | undefined;
const written = () => workflow.pending('mirrorSparkApplication').input as unknown as MirroredStatus;
const activities = () => [...workflow.activities.values()].map(({ type }) => type);
const isWritten = completes('mirrorSparkApplication');

describe('the status of a resource', () => {
  it('is handed to the activities of a plain run, which needs no others', async () => {
    await serve();
    expect(mirror('submitSparkApplication')).toBeUndefined();
    expect(workflow.pending('submitSparkApplication').input['identity']).toMatchObject({
      owner: { name: 'stepped', uid: 'resource' },
      annotations: { 'temporal-spark/resource-uid': 'resource' },
    });
    await workflow.task(isSubmitted);
    expect(mirror('waitForSparkDriver')).toMatchObject({
      ...{ namespace: 'default', name: 'stepped', uid: 'resource', state: 'SUBMITTED', submissions: 1, executions: 1 },
      attempt: { driverPodName: 'stepped-driver', submitted: true },
    });
    await workflow.task(runs);
    expect(mirror('waitForSparkDriver')).toMatchObject({ state: 'RUNNING', after: { state: 'SUBMITTED' } });
    await workflow.task(ends(0));
    expect(mirror('finalizeSparkApplication')).toMatchObject({
      state: 'COMPLETED',
      attempt: { ending: { succeeded: true, exitCode: 0 } },
      after: { state: 'RUNNING' },
    });
    expect(activities()).toEqual(['finalizeSparkApplication']);
    const { begunAt } = mirror('finalizeSparkApplication')!.attempt!;
    await workflow.task(isFinalized);
    // For the operator, where none of these could be written.
    expect(workflow.end).toMatchObject({
      kind: 'completed',
      result: { served: { submissions: 1, executions: 1, begunAt } },
    });
  });

  it('is not written for an application without a resource', async () => {
    workflow = await startApplication();
    expect(workflow.pending('submitSparkApplication').input['identity']).not.toHaveProperty('owner');
    await workflow.task(isSubmitted);
    expect(mirror('waitForSparkDriver')).toBeUndefined();
    await workflow.task(ends(1));
    expect(mirror('finalizeSparkApplication')).toBeUndefined();
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it('is FAILING where another attempt follows, then PENDING_RERUN, and FAILED after the last', async () => {
    await serve(application({ restartPolicy: { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 } }));
    await workflow.task(isSubmitted);
    await workflow.task(ends(1));
    expect(mirror('finalizeSparkApplication')).toMatchObject({ state: 'FAILING' });
    await workflow.task(isFinalized);
    expect(written()).toMatchObject({ state: 'PENDING_RERUN', submissions: 1 });
    await workflow.task(isWritten);
    await workflow.passes(1_000);
    await workflow.task(isSubmitted);
    expect(mirror('waitForSparkDriver')).toMatchObject({ state: 'SUBMITTED', submissions: 2, executions: 2 });
    await workflow.task(ends(1));
    expect(mirror('finalizeSparkApplication')).toMatchObject({ state: 'FAILED', attempt: { ending: { exitCode: 1 } } });
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it('is SUBMISSION_FAILED until a failed submission is repeated, and FAILED after the last', async () => {
    const retries = { onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 1 };
    await serve(application({ restartPolicy: { type: 'OnFailure', ...retries } }));
    await workflow.task(isRefused());
    await workflow.task(neverWas);
    expect(written()).toMatchObject({ state: 'SUBMISSION_FAILED', submissions: 1, executions: 0 });
    await workflow.task(isWritten);
    await workflow.passes(1_000);
    await workflow.task(isRefused());
    await workflow.task(neverWas);
    expect(written()).toMatchObject({ state: 'FAILED', submissions: 2, attempt: { ending: { reason: 'Forbidden' } } });
    expect(workflow.end).toBeUndefined();
    await workflow.task(isWritten);
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it('has the reason of a kill', async () => {
    await serve();
    await workflow.task(isSubmitted);
    await workflow.task(runs);
    await workflow.request('kill', { reason: 'its SparkApplication was deleted' });
    expect(mirror('stopSparkDriver')).toMatchObject({ state: 'FAILING' });
    await workflow.task(isStopped);
    expect(mirror('finalizeSparkApplication')).toMatchObject({
      ...{ state: 'CANCELLED', message: 'was killed: its SparkApplication was deleted' },
    });
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it('is SUSPENDED once nothing of the driver is left to be done, and RESUMING with the next submission', async () => {
    await serve();
    await workflow.task(isSubmitted);
    await workflow.request('suspend');
    expect(mirror('stopSparkDriver')).toMatchObject({ state: 'SUSPENDING' });
    await workflow.task(isStopped);
    expect(mirror('finalizeSparkApplication')).toMatchObject({ state: 'SUSPENDED' });
    await workflow.task(isFinalized);
    expect(activities()).toEqual([]);
    await workflow.request('resume');
    expect(mirror('submitSparkApplication')).toMatchObject({ state: 'RESUMING', submissions: 2, executions: 1 });
  });

  it('is SUSPENDED where nothing ran yet', async () => {
    await serve(application({ suspend: true }));
    expect(written()).toMatchObject({ state: 'SUSPENDED', submissions: 0, since: expect.any(String) as string });
    expect(written()).not.toHaveProperty('attempt');
  });

  it('has the reason why an application cannot begin', async () => {
    const manifest = application();
    await serve({ ...manifest, metadata: { ...manifest.metadata, annotations: { [SETTING]: 'x' } } });
    expect(written()).toMatchObject({ state: 'FAILED', message: expect.stringContaining(SETTING) as string });
    await workflow.task(isWritten);
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { type: 'InvalidManifest' } });
  });
});

describe('an edit of a resource', () => {
  const edited = { ...resource, generation: 3 };
  const manifest: SparkApplicationManifest = application({ arguments: ['9'] });
  const isChecked = completes('checkManifestUpdate', { manifest, effect: 'rerun' });

  it('is in the memo once it is in place, and begins the counters again', async () => {
    await serve();
    await workflow.task(isSubmitted);
    await workflow.request('updateManifest', manifest, edited);
    expect(workflow.memo).toEqual({});
    await workflow.task(isChecked);
    expect(workflow.memo).toEqual({ resource: edited });
    expect(mirror('stopSparkDriver')).toMatchObject({ state: 'INVALIDATING', submissions: 0 });
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    await workflow.task(isSubmitted);
    expect(mirror('waitForSparkDriver')).toMatchObject({ state: 'SUBMITTED', submissions: 1, executions: 1 });
  });

  it('does not count the attempt that was being submitted before it', async () => {
    await serve();
    await workflow.request('updateManifest', manifest, edited);
    await workflow.task(isChecked);
    await workflow.task(isSubmitted);
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    await workflow.task(isSubmitted);
    expect(mirror('waitForSparkDriver')).toMatchObject({ state: 'SUBMITTED', submissions: 1, executions: 1 });
  });

  it('is refused where a later one is in place', async () => {
    await serve();
    await workflow.task(isSubmitted);
    const answer = await workflow.request('updateManifest', manifest, { ...resource, generation: 1 });
    expect(answer).toMatchObject({ state: 'rejected', error: { type: 'RequestRefused' } });
  });

  it('of another resource does not replace the one that is served', async () => {
    await serve();
    await workflow.task(isSubmitted);
    await workflow.request('updateManifest', manifest, { ...edited, uid: 'other' });
    await workflow.task(isChecked);
    expect(workflow.memo).toEqual({});
  });
});
