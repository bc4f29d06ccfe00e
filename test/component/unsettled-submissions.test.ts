import { describe, expect, it } from 'vitest';
import { application, isSubmitted, startApplication } from '../support/stepped-application.ts';
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
