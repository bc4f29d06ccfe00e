import { afterEach, describe, expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import {
  application,
  ends,
  isFinalized,
  isRefused,
  isStopped,
  isSubmitted,
  neverWas,
  runningApplication,
  runs,
  startApplication,
  statusOf,
} from '../support/stepped-application.ts';
import {
  cancels,
  completes,
  isCancelled,
  signals,
  updates,
  type SteppedWorkflow,
  type TaskEvent,
} from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const always = application({ restartPolicy: { type: 'Always', onFailureRetryInterval: 60 } });
const suspended = application({ suspend: true });
const isQueued = completes('submitSparkApplication', { queue: 'pool', limits: {}, priority: 0, requests: {} });

/** What it does when it is cancelled, how it got there, and the steps until it is over. */
const cases: readonly [string, SparkApplicationManifest, readonly TaskEvent[], readonly TaskEvent[]][] = [
  ['it is submitted', application(), [], [isSubmitted, isStopped, isFinalized]],
  [
    'its submission, which is aborted, created nothing',
    application(),
    [],
    [isCancelled('submitSparkApplication'), neverWas],
  ],
  ['what a failed submission left is removed', application(), [isRefused()], [neverWas]],
  ['it waits for admission', application(), [isQueued, completes('requestAdmission')], [neverWas]],
  ['its driver does not start yet', application(), [isSubmitted], [isStopped, isFinalized]],
  ['its driver runs', application(), [isSubmitted, runs], [isStopped, isFinalized]],
  ['its driver is finalized after it failed', always, [isSubmitted, runs, ends(1)], [isFinalized]],
  ['its driver is finalized after it completed', application(), [isSubmitted, runs, ends(0)], [isFinalized]],
  ['it waits for its next attempt', always, [isSubmitted, runs, ends(1), isFinalized], []],
  ['it is restarted', application(), [isSubmitted, runs, updates('restart')], [isStopped, isFinalized]],
  ['it is being suspended', application(), [isSubmitted, runs, updates('suspend')], [isStopped, isFinalized]],
  ['it is suspended', suspended, [], []],
];

describe('a cancel ends as CANCELLED, and refuses later requests, while', () => {
  it.each(cases)('%s', async (_, manifest, before, after) => {
    workflow = await startApplication(manifest);
    for (const event of before) await workflow.task(event);
    await workflow.task(cancels);
    for (const event of after) {
      expect(await statusOf(workflow)).toMatchObject({ stopping: 'cancelled' });
      for (const request of ['suspend', 'resume', 'restart', 'kill']) {
        const { state, error } = await workflow.request(request);
        expect(state).toBe('rejected');
        expect(error!.message).toMatch(/is being cancelled and accepts no more requests/);
      }
      expect(workflow.end).toBeUndefined();
      await workflow.task(event);
    }
    expect(workflow.end).toEqual({ kind: 'cancelled' });
    expect(workflow.memo['result']).toMatchObject({ state: 'CANCELLED' });
    expect(await statusOf(workflow)).toMatchObject({ state: 'CANCELLED' });
    expect([...workflow.activities.values()].filter(({ isCancelRequested }) => !isCancelRequested)).toEqual([]);
  });

  it('its driver is stopped: the state is FAILING', async () => {
    workflow = await runningApplication();
    await workflow.task(cancels);
    expect(await statusOf(workflow)).toMatchObject({ state: 'FAILING', stopping: 'cancelled' });
  });

  it('a new manifest is checked, which is rejected', async () => {
    workflow = await runningApplication();
    const update = updates('updateManifest', application({ arguments: ['3'] }));
    await workflow.task(update);
    await workflow.task(cancels);
    expect(update.answer).toMatchObject({ state: 'rejected' });
    expect(update.answer!.error!.message).toContain('being cancelled');
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.end).toEqual({ kind: 'cancelled' });
  });

  it('it would continue as new', async () => {
    workflow = await runningApplication(always);
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(ends(0));
    await workflow.task(cancels);
    await workflow.task(isFinalized);
    expect(workflow.end).toEqual({ kind: 'cancelled' });
  });

  it('it is killed, too', async () => {
    workflow = await runningApplication();
    await workflow.task(updates('kill', { reason: 'enough' }), cancels);
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.end).toEqual({ kind: 'cancelled' });
    expect(workflow.memo['result']).toMatchObject({ state: 'CANCELLED' });
  });
});

describe('a malformed signal', () => {
  it.each(['driverProgress', 'admission'])('%s does no harm', async (name) => {
    workflow = await runningApplication();
    for (const args of [[], [null], ['text'], [{ queue: 1 }]]) await workflow.task(signals(name, ...args));
    expect(await statusOf(workflow)).toMatchObject({ state: 'RUNNING' });
  });
});
