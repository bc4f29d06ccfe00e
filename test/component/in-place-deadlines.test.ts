import { afterEach, describe, expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import {
  application,
  ends,
  isFinalized,
  isStopped,
  isSubmitted,
  runningApplication,
  startApplication,
  statusOf,
} from '../support/stepped-application.ts';
import { completes, isCancelled, updates, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

function withDeadline(name: string, value: string): SparkApplicationManifest {
  const manifest = application();
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { [`temporal-spark/${name}-deadline`]: value } },
  };
}

async function update(manifest: SparkApplicationManifest): Promise<void> {
  const request = updates('updateManifest', manifest);
  await workflow.task(request);
  await workflow.task(completes('checkManifestUpdate', { manifest, effect: 'in-place' }));
  expect(request.answer).toMatchObject({ state: 'completed', result: { effect: 'in-place' } });
}

const deadline = () => (workflow.pending('waitForSparkDriver').input as { deadline?: { at: number } }).deadline;

describe('a deadline of a new manifest applies at once', () => {
  it('for a driver that runs, from its start', async () => {
    workflow = await runningApplication();
    expect(deadline()).toBeUndefined();
    await update(withDeadline('running', '10m'));
    expect(deadline()).toMatchObject({ at: Date.parse('2026-01-01T00:10:01Z'), reason: 'RunningDeadlineExceeded' });
    await update(withDeadline('running', '20m'));
    expect(deadline()).toMatchObject({ at: Date.parse('2026-01-01T00:20:01Z') });
    await update(application());
    expect(deadline()).toBeUndefined();
    expect(await statusOf(workflow)).toMatchObject({ state: 'RUNNING', attempts: 1 });
    expect(workflow.isPending('stopSparkDriver')).toBe(false);
    await workflow.task(ends(0));
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'completed', result: { attempts: 1 } });
  });

  it('for a driver that does not start yet, from its submission', async () => {
    workflow = await startApplication();
    await workflow.task(isSubmitted);
    const { submittedAt } = await statusOf(workflow);
    await workflow.passes(60_000);
    await update(withDeadline('pending', '30s'));
    expect(deadline()).toMatchObject({ at: Date.parse(submittedAt!) + 30_000, reason: 'PendingDeadlineExceeded' });
  });

  it('for a submission under way, from its beginning', async () => {
    workflow = await startApplication();
    await workflow.passes(60_000);
    await update(withDeadline('submission', '90s'));
    // It may create the driver at any moment: what it did is waited for.
    const first = workflow.pending('submitSparkApplication');
    expect(first.isCancelRequested).toBe(true);
    await workflow.task(isCancelled('submitSparkApplication'));
    const second = workflow.pending('submitSparkApplication');
    expect(second.input.identity).toEqual(first.input.identity);
    expect(second.scheduleToCloseMs).toBeLessThanOrEqual(30_000);
    expect(second.scheduleToCloseMs).toBeGreaterThan(29_000);
    await workflow.task(isSubmitted);
    expect(await statusOf(workflow)).toMatchObject({ state: 'SUBMITTED', attempts: 1 });
  });

  it('and does not where it is unchanged', async () => {
    workflow = await runningApplication(withDeadline('running', '10m'));
    const { seq } = workflow.pending('waitForSparkDriver');
    const manifest = withDeadline('running', '10m');
    await update({ ...manifest, spec: { ...manifest.spec, timeToLiveSeconds: 60 } });
    expect(workflow.pending('waitForSparkDriver').seq).toBe(seq);
  });

  it('and a kill during the restart of the wait stops the driver', async () => {
    workflow = await runningApplication();
    const manifest = withDeadline('running', '10m');
    await workflow.task(updates('updateManifest', manifest));
    await workflow.task(updates('kill'), completes('checkManifestUpdate', { manifest, effect: 'in-place' }));
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { details: [{ state: 'CANCELLED' }] } });
  });
});
