import { afterEach, describe, expect, it } from 'vitest';
import type { SparkPipelineStatus } from '../../src/protocol/index.ts';
import { pipelineOf, step } from '../support/pipelines.ts';
import { completes, signals, SteppedWorkflow } from '../support/stepped-workflow.ts';

const workflowId = 'pipeline/signals/x';
const semaphore = { name: 'tables', limit: 1 };
const malformed: readonly unknown[] = [undefined, null, 1, 'x', [], {}, { paused: 'yes' }, { holder: 1 }];

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

async function start(): Promise<void> {
  const manifest = pipelineOf('signals', [step('use', {}, { semaphore }), step('never', {}, { always: true })]);
  workflow = await SteppedWorkflow.start({ type: 'sparkPipeline', args: [manifest], info: { workflowId } });
  await workflow.task(completes('checkSparkPipeline'));
}

const status = () => workflow.query<SparkPipelineStatus>('status');

describe('a pipeline', () => {
  it.each(['semaphoreGranted', 'parentPaused'])('drops each malformed %s and continues', async (signal) => {
    await start();
    for (const each of malformed) await workflow.task(signals(signal, each));
    await workflow.task(signals(signal), signals(signal, { paused: true, note: {}, semaphore: 5, holder: 'x' }));
    expect(workflow.logged).toContainEqual(
      expect.objectContaining({ message: `Dropped a malformed signal: ${signal}` }),
    );
    expect(await status()).toMatchObject({ state: 'RUNNING', stages: [{ waitingFor: 'its semaphore' }, {}] });
    await workflow.task(completes('requestSemaphore'));
    await workflow.task(signals('semaphoreGranted', { semaphore: 'tables', holder: `${workflowId}/use`, ticket: 0 }));
    expect((await status()).stages[0]).toMatchObject({ attempts: 1 });
  });

  it.each(['use', 'never', 'constructor', '__proto__', 'use/7', ''])(
    'releases a place of "%s" that was not requested',
    async (unit) => {
      await start();
      const place = { holder: `${workflowId}/${unit}`, ticket: 3 };
      await workflow.task(signals('semaphoreGranted', { semaphore: 'tables', ...place }));
      expect(workflow.sent).toEqual([{ workflowId: 'semaphore/tables', name: 'release', args: [place] }]);
    },
  );

  it('refuses to pause with a note that is not text', async () => {
    await start();
    expect(await workflow.request('pause', { why: 'lunch' })).toMatchObject({
      ...{ state: 'rejected', error: { message: 'the note of a pause must be text of at most 1000 characters' } },
    });
    expect(await workflow.request('pause', 'lunch')).toMatchObject({ state: 'completed' });
    expect(await status()).toMatchObject({ state: 'PAUSED', note: 'lunch' });
    expect(await workflow.request('resume')).toMatchObject({ state: 'completed' });
    expect(await workflow.request('pause')).toMatchObject({ state: 'completed' });
  });

  it.each(['x'.repeat(1_000), '\ud800'])('drops a place of a semaphore with a name that is not valid', async (name) => {
    await start();
    await workflow.task(signals('semaphoreGranted', { semaphore: name, holder: `${workflowId}/never` }));
    expect(workflow.sent).toEqual([]);
  });

  it('keeps no more of a note than a run can carry', async () => {
    await start();
    expect(await workflow.request('pause', 'x'.repeat(1_001))).toMatchObject({ state: 'rejected' });
    await workflow.task(signals('parentPaused', { paused: true, note: 'x'.repeat(2_000_000) }));
    expect((await status()).note).toHaveLength(1_000);
  });

  it('fails with the name of an unknown parameter, also where it is half a character', async () => {
    const args = [pipelineOf('signals', [step('use')]), { parameters: { '\ud83d': 1 } }];
    workflow = await SteppedWorkflow.start({ type: 'sparkPipeline', args, info: { workflowId } });
    await workflow.task(completes('checkSparkPipeline'));
    expect(workflow.end).toMatchObject({
      error: { message: 'Unknown parameter \ufffd; the pipeline has no parameters.' },
    });
  });

  it('fails with the cause of its stage, also where that has half a character', async () => {
    const use = { state: 'FAILED', reason: 'Error', message: 'x\ud83d', units: [], finishedAt: '2026-01-01T00:00:00Z' };
    const startedAt = '2026-01-01T00:00:00Z';
    const carried = { parameters: {}, scheduleTime: startedAt, startedAt, granted: [], stages: { use } };
    const args = [pipelineOf('signals', [step('use')]), {}, carried];
    workflow = await SteppedWorkflow.start({ type: 'sparkPipeline', args, info: { workflowId } });
    expect(workflow.end).toMatchObject({ error: { message: 'Pipeline signals failed: use (x\ufffd)' } });
  });

  it('refuses to cancel a stage that it does not have', async () => {
    await start();
    expect(await workflow.request('cancelStage', 'constructor')).toMatchObject({
      ...{ state: 'rejected', error: { message: 'unknown stage "constructor"; known: use, never' } },
    });
  });
});
