import { afterEach, describe, expect, it } from 'vitest';
import {
  isFinalized,
  isStopped,
  isSubmitted,
  runningApplication,
  startApplication,
} from '../support/stepped-application.ts';
import { cancels, isCancelled, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const graceOfStop = () => workflow.pending('stopSparkDriver').input['gracePeriodSeconds'];
const stops = () => [...workflow.activities.values()].filter(({ type }) => type === 'stopSparkDriver').length;
const kill = (gracePeriodSeconds?: unknown, reason?: string) =>
  workflow.request('kill', { gracePeriodSeconds, reason });

/** The first stop and the one that shortens it end with the driver. */
async function driverEnds(): Promise<void> {
  while (stops() > 0) await workflow.task(isStopped);
  await workflow.task(isFinalized);
}

describe('a kill of an application that is being stopped', () => {
  it('shortens the grace period of the kill before it, whose reason stays', async () => {
    workflow = await runningApplication();
    await kill(30_000, 'enough');
    expect(graceOfStop()).toBe(30_000);
    expect(await kill(5, 'now')).toMatchObject({
      state: 'completed',
      result: { state: 'FAILING', stopping: 'killed' },
    });
    expect(graceOfStop()).toBe(5);
    expect(stops()).toBe(2);
    await driverEnds();
    expect(workflow.end).toMatchObject({
      kind: 'failed',
      error: { message: expect.stringContaining('enough') as string },
    });
  });

  it('shortens the grace period of a suspend', async () => {
    workflow = await runningApplication();
    await workflow.request('suspend');
    expect(graceOfStop()).toBeUndefined();
    expect(await kill(5)).toMatchObject({ state: 'completed' });
    expect(graceOfStop()).toBe(5);
    await driverEnds();
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it("shortens the grace period of Temporal's cancel, and the workflow ends as cancelled", async () => {
    workflow = await runningApplication();
    await workflow.task(cancels);
    expect(await kill(5)).toMatchObject({ state: 'completed', result: { stopping: 'cancelled' } });
    expect(graceOfStop()).toBe(5);
    await driverEnds();
    expect(workflow.end).toEqual({ kind: 'cancelled' });
  });

  it('has its grace period used for the driver of a submission that had not returned', async () => {
    workflow = await startApplication();
    await kill(30_000);
    expect(await kill(5)).toMatchObject({ state: 'completed' });
    expect(stops()).toBe(0);
    await workflow.task(isCancelled('submitSparkApplication'));
    expect(graceOfStop()).toBe(5);
  });

  it('does not end the application where it cannot be carried out', async () => {
    workflow = await runningApplication();
    await kill(30_000);
    await kill(5);
    await workflow.task(isCancelled('stopSparkDriver'));
    expect(workflow.end).toBeUndefined();
    await driverEnds();
    expect(workflow.end).toMatchObject({ kind: 'failed' });
  });

  it.each([30_000, 30_001])('is refused with a grace period that is not shorter: %d', async (seconds) => {
    workflow = await runningApplication();
    await kill(30_000);
    expect(await kill(seconds)).toMatchObject({
      state: 'rejected',
      error: {
        type: 'RequestRefused',
        message:
          'cannot kill default/stepped again: it is being killed with a grace period of 30000 s; ' +
          'allowed: a kill with a shorter one',
      },
    });
    expect(stops()).toBe(1);
  });
});

it.each([86_401, 2 ** 53 - 1, -1, 1.5, null, '5'])('a grace period of %j is refused', async (seconds) => {
  workflow = await startApplication();
  await workflow.task(isSubmitted);
  expect(await kill(seconds)).toMatchObject({
    ...{ state: 'rejected', error: { message: 'gracePeriodSeconds must be a whole number from 0 to 86400 (one day)' } },
  });
});

it('a grace period of a day is accepted', async () => {
  workflow = await runningApplication();
  expect(await workflow.request('kill', { gracePeriodSeconds: 86_400 })).toMatchObject({ state: 'completed' });
});

it.each(['1 second', 'soon', -1, {}])('a deadline of %j in a kill is dropped: the stop has none', async (deadline) => {
  workflow = await runningApplication();
  const request = { gracePeriodSeconds: 5, deadline, scheduleToCloseTimeout: deadline };
  expect(await workflow.request('kill', request)).toMatchObject({ state: 'completed' });
  const { input, scheduleToCloseMs } = workflow.pending('stopSparkDriver');
  expect(scheduleToCloseMs).toBeUndefined();
  expect(input).not.toHaveProperty('deadline');
  await driverEnds();
  expect(workflow.end).toMatchObject({ kind: 'failed' });
});
