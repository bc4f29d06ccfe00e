import { afterEach, describe, expect, it } from 'vitest';
import { application, ends, isFinalized, isSubmitted, runs, startApplication } from '../support/stepped-application.ts';
import { completes, type SteppedWorkflow, type TaskEvent } from '../support/stepped-workflow.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.parse('2026-01-01T00:00:00Z');

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const driver = { driverPodName: 'stepped-driver', driverPodUid: 'uid', sparkApplicationId: 'spark-1' };
const isSubmittedWith = (timings: object): TaskEvent => completes('submitSparkApplication', { ...driver, timings });
const wait = () => workflow.pending('waitForSparkDriver');
const renewAfterMs = () => (wait().input as { renewAfterMs?: number }).renewAfterMs;

async function runsFrom(submitted: TaskEvent): Promise<void> {
  workflow = await startApplication(application());
  await workflow.task(submitted);
  expect(wait()).toMatchObject({ heartbeatMs: 30 * SECOND });
  expect(renewAfterMs()).toBeUndefined();
  await workflow.task(runs);
}

/** The wait for a driver that has run for so long ends with the same observation. */
async function isRenewedAfter(ms: number): Promise<void> {
  workflow.now = START + ms;
  await workflow.task(completes('waitForSparkDriver', { state: 'RUNNING', ranForMs: ms }));
}

describe('the wait for a driver', () => {
  it('may be silent for longer once its driver has run for ten minutes', async () => {
    await runsFrom(isSubmitted);
    expect(wait()).toMatchObject({ heartbeatMs: 30 * SECOND });
    // From the start by the driver's node, a second after that of the workflow.
    expect(renewAfterMs()).toBeGreaterThan(10 * MINUTE);
    expect(renewAfterMs()).toBeLessThanOrEqual(10 * MINUTE + SECOND);
    await isRenewedAfter(10 * MINUTE);
    expect(wait()).toMatchObject({ heartbeatMs: 120 * SECOND });
    expect(renewAfterMs()).toBeUndefined();
    await workflow.task(ends(0));
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'completed', result: { state: 'COMPLETED', attempts: 1 } });
  });

  it('is not renewed a second time where the clocks differ by seconds', async () => {
    await runsFrom(isSubmitted);
    await isRenewedAfter(10 * MINUTE - 5 * SECOND);
    expect(wait()).toMatchObject({ heartbeatMs: 120 * SECOND });
    expect(renewAfterMs()).toBeUndefined();
  });

  it('goes by the timings of the worker that submitted', async () => {
    await runsWith({ longRunMs: 20 * MINUTE, longRunSilenceMs: 60 * SECOND });
    expect(renewAfterMs()).toBeGreaterThan(19 * MINUTE);
    await isRenewedAfter(20 * MINUTE);
    expect(wait()).toMatchObject({ heartbeatMs: 60 * SECOND });
  });

  it('is never renewed where the longer timeout is not longer', async () => {
    await runsWith({ longRunSilenceMs: 30 * SECOND });
    expect(wait()).toMatchObject({ heartbeatMs: 30 * SECOND });
    expect(renewAfterMs()).toBeUndefined();
  });

  const runsWith = (timings: object) => runsFrom(isSubmittedWith(timings));
});
