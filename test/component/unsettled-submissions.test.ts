import { describe, expect, it } from 'vitest';
import { isSubmitted, startApplication } from '../support/stepped-application.ts';
import { cancels, fails, isCancelled, timesOut, type SteppedWorkflow } from '../support/stepped-workflow.ts';

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
});
