import { afterEach, describe, expect, it } from 'vitest';
import type { SparkPipelineStatus } from '../../src/protocol/index.ts';
import { pipelineOf, step } from '../support/pipelines.ts';
import { completes, signals, SteppedWorkflow } from '../support/stepped-workflow.ts';

const MINUTE = 60_000;
const workflowId = 'pipeline/requests/x';
const holder = `${workflowId}/use`;
const semaphore = { name: 'tables', limit: 1 };

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

/** A pipeline whose stage has asked for a place. */
async function start(timings?: object): Promise<void> {
  const args = [pipelineOf('requests', [step('use', {}, { semaphore })])];
  workflow = await SteppedWorkflow.start({ type: 'sparkPipeline', args, info: { workflowId } });
  await workflow.task(completes('checkSparkPipeline', timings === undefined ? undefined : { timings }));
  await workflow.task(completes('requestSemaphore'));
}

/** Continues with the next run, as soon as something happens. */
async function continueAsNew(): Promise<void> {
  workflow.isContinueAsNewSuggested = true;
  await workflow.task(signals('parentPaused', { paused: false }));
  const { end } = workflow;
  if (end?.kind !== 'continued') throw new Error('The workflow did not continue as new');
  await workflow.dispose();
  workflow = await SteppedWorkflow.start({ type: 'sparkPipeline', args: end.args, info: { workflowId } });
}

const asked = () => workflow.pending('requestSemaphore').input;
const granted = (ticket: number) => signals('semaphoreGranted', { semaphore: 'tables', holder, ticket });

/** Minutes from each request to the next one. */
async function intervals(): Promise<number[]> {
  const found: number[] = [];
  for (let request = 0; request < 5; request += 1) {
    const wait = Math.min(...workflow.timers.values()) - workflow.now;
    found.push(wait / MINUTE);
    await workflow.passes(wait);
    await workflow.task(completes('requestSemaphore'));
  }
  return found;
}

describe('a stage that waits for its semaphore', () => {
  it('asks again after 10 minutes, then at intervals that double, up to an hour', async () => {
    await start();
    expect(await intervals()).toEqual([10, 20, 40, 60, 60]);
  });

  it('asks again at the intervals of the worker that checked it, also after the pipeline continued as new', async () => {
    await start({ semaphoreRepeatMs: MINUTE, semaphoreRepeatAtMostMs: 3 * MINUTE });
    expect(await intervals()).toEqual([1, 2, 3, 3, 3]);
    await continueAsNew();
    await workflow.task(completes('requestSemaphore'));
    expect(await intervals()).toEqual([1, 2, 3, 3, 3]);
  });

  it('repeats one request: its ticket stays the same, also after the pipeline continued as new', async () => {
    await start();
    const request = { name: 'tables', limit: 1, holder, ticket: 0, requester: workflowId, taskQueue: 'stepped' };
    await workflow.passes(10 * MINUTE);
    expect(asked()).toEqual(request);
    await workflow.task(completes('requestSemaphore'));
    await continueAsNew();
    expect(asked()).toEqual(request);
  });

  it('starts once where the answer arrives twice, and does not ask again', async () => {
    await start();
    await workflow.passes(10 * MINUTE);
    await workflow.task(granted(0), completes('requestSemaphore'));
    await workflow.task(granted(0));
    expect(await workflow.query<SparkPipelineStatus>('status')).toMatchObject({ stages: [{ attempts: 1 }] });
    expect(workflow.children).toEqual([holder]);
    await workflow.passes(24 * 60 * MINUTE);
    expect(workflow.isPending('requestSemaphore')).toBe(false);
    // The place is in use, not released.
    expect(workflow.sent).toEqual([]);
  });

  it('releases its place only when the repeated request has arrived', async () => {
    await start();
    await workflow.passes(10 * MINUTE);
    await workflow.request('cancelStage', 'use');
    expect(workflow.sent).toEqual([]);
    await workflow.task(completes('requestSemaphore'));
    const release = { workflowId: 'semaphore/tables', name: 'release', args: [{ holder, ticket: 0 }] };
    expect(workflow.sent).toEqual([release]);
  });

  it('asks for another place after a pause, which released the first one', async () => {
    await start();
    await workflow.request('pause');
    await workflow.passes(60 * MINUTE);
    expect(workflow.isPending('requestSemaphore')).toBe(false);
    await workflow.request('resume');
    expect(asked()).toMatchObject({ ticket: 1 });
  });
});
