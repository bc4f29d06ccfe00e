import { describe, expect, it } from 'vitest';
import { application, ends, isStopped, isSubmitted, startApplication } from '../support/stepped-application.ts';
import {
  cancels,
  completes,
  fails,
  isCancelled,
  timesOut,
  updates,
  type SteppedWorkflow,
} from '../support/stepped-workflow.ts';

const SUBMIT = 'submitSparkApplication';
const JOB = expect.stringMatching(/^stepped-[0-9a-f]{8}-submit$/) as string;

function unsettledOf(workflow: SteppedWorkflow): unknown {
  return (workflow.pending('stopSparkDriver').input as { readonly unsettled?: unknown }).unsettled;
}

describe('the stop of an attempt whose submission did not succeed', () => {
  it('waits for a driver that a lost worker may still create', async () => {
    const workflow = await startApplication();
    await workflow.task(cancels);
    await workflow.task(timesOut(SUBMIT));
    expect(unsettledOf(workflow)).toEqual({ passedMs: 0, job: JOB, serviceAccount: 'spark' });
    await workflow.dispose();
  });

  it('waits as long as the submission reported', async () => {
    const workflow = await startApplication();
    await workflow.task(cancels);
    await workflow.task(fails(SUBMIT, 'ConnectionLost', { lateForMs: 60_000 }));
    expect(unsettledOf(workflow)).toEqual({ passedMs: 0, forMs: 60_000, job: JOB, serviceAccount: 'spark' });
    await workflow.dispose();
  });

  it('waits where the submission was cancelled between two tries', async () => {
    const workflow = await startApplication();
    await workflow.task(cancels);
    await workflow.task(isCancelled(SUBMIT));
    expect(unsettledOf(workflow)).toEqual({ passedMs: 0, job: JOB, serviceAccount: 'spark' });
    await workflow.dispose();
  });

  it('waits for nothing where the submission was refused', async () => {
    const workflow = await startApplication();
    await workflow.task(cancels);
    await workflow.task(fails(SUBMIT, 'QuotaExceeded', { lateForMs: 0 }));
    expect(unsettledOf(workflow)).toBeUndefined();
    await workflow.dispose();
  });

  it('waits for nothing where the driver is known', async () => {
    const workflow = await startApplication();
    await workflow.task(isSubmitted);
    await workflow.task(cancels);
    expect(unsettledOf(workflow)).toBeUndefined();
    await workflow.dispose();
  });

  it('waits for the longest time that one of its submissions reported', async () => {
    const workflow = await startApplication();
    const { metadata, ...rest } = application();
    const manifest = {
      ...rest,
      metadata: { ...metadata, annotations: { 'temporal-spark/submission-deadline': '90s' } },
    };
    await workflow.task(updates('updateManifest', manifest));
    await workflow.task(completes('checkManifestUpdate', { manifest, effect: 'in-place' }));
    await workflow.task(timesOut(SUBMIT));
    await workflow.task(cancels);
    await workflow.task(fails(SUBMIT, 'ConnectionLost', { lateForMs: 60_000 }));
    expect(unsettledOf(workflow)).toEqual({
      passedMs: expect.any(Number) as number,
      job: JOB,
      serviceAccount: 'spark',
    });
    await workflow.dispose();
  });

  it('waits also where only the answer with its plan reported it', async () => {
    const workflow = await startApplication();
    await workflow.task(completes(SUBMIT, { cluster: 'east', lateForMs: 60_000 }));
    await workflow.task(cancels);
    await workflow.task(fails(SUBMIT, 'QuotaExceeded', { lateForMs: 0 }));
    expect(unsettledOf(workflow)).toMatchObject({ forMs: 60_000 });
    await workflow.dispose();
  });
});

describe('the finalizer of a driver of which another may still be created', () => {
  const driver = { driverPodName: 'stepped-driver', driverPodUid: 'uid', sparkApplicationId: 'spark-1' };
  const FINALIZE = 'finalizeSparkApplication';

  it.each([
    ['ended by itself', [ends(1)]],
    ['was stopped', [cancels, isStopped]],
  ])('is removed once none can be, where the driver %s', async (_, events) => {
    const workflow = await startApplication();
    await workflow.task(completes(SUBMIT, { ...driver, lateForMs: 60_000 }));
    for (const event of events) await workflow.task(event);
    await workflow.passes(59_000);
    expect(workflow.isPending(FINALIZE)).toBe(false);
    await workflow.passes(1_000);
    expect(workflow.pending(FINALIZE).input).toMatchObject({
      submission: { submissionId: expect.any(String) as string, job: JOB, serviceAccount: 'spark' },
    });
    await workflow.dispose();
  });

  it('is removed at once where the submission left nothing', async () => {
    const workflow = await startApplication();
    await workflow.task(isSubmitted);
    await workflow.task(ends(1));
    expect(workflow.pending(FINALIZE).input).not.toHaveProperty('submission');
    await workflow.dispose();
  });
});
