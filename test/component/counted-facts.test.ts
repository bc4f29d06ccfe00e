import { afterEach, describe, expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import type { Counting } from '../../src/protocol/index.ts';
import {
  application,
  ends,
  isFinalized,
  isRefused,
  isStopped,
  isSubmitted,
  neverWas,
  outcomeOf,
  runs,
  startApplication,
} from '../support/stepped-application.ts';
import { completes, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

async function start(fields: Partial<SparkApplicationManifest['spec']> = {}): Promise<void> {
  workflow = await startApplication(application(fields));
}

const counts = (activity: string): Counting['counts'] => (workflow.pending(activity).input as Counting).counts;
/** What an activity that is under way counts. */
const facts = (activity: string): string[] => (counts(activity)?.facts ?? []).map(({ fact }) => fact);

const seconds = expect.any(Number) as number;

describe('the facts that metrics count', () => {
  it('are handed out once each, with the activity that follows their record', async () => {
    await start();
    expect(counts('submitSparkApplication')).toEqual({ facts: [{ fact: 'created' }] });
    await workflow.task(isSubmitted);
    expect(counts('waitForSparkDriver')).toEqual({ facts: [{ fact: 'submitted', latencySeconds: seconds }] });
    await workflow.task(runs);
    expect(counts('waitForSparkDriver')).toEqual({ facts: [{ fact: 'started', latencySeconds: seconds }] });
    const executors = { pending: 0, running: 1, succeeded: 2, failed: 3 };
    const outcome = { ...outcomeOf(0), executors };
    await workflow.task(completes('waitForSparkDriver', { state: 'ENDED', outcome }));
    expect(counts('finalizeSparkApplication')).toEqual({
      facts: [
        { fact: 'driver-ended', succeeded: 2, failed: 3 },
        { fact: 'completed', executionSeconds: seconds },
      ],
    });
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'completed' });
  });

  it('come with the labels of the application, for each wait', async () => {
    const manifest = application();
    workflow = await startApplication({
      ...manifest,
      metadata: { ...manifest.metadata, labels: { team: 'core' } },
    });
    await workflow.task(isSubmitted);
    const problem = { reason: 'Unschedulable' };
    await workflow.task(completes('waitForSparkDriver', { state: 'PENDING', problem }));
    expect(counts('waitForSparkDriver')).toEqual({ labels: { team: 'core' } });
  });

  it('come without labels that no Kubernetes takes, and with 64 at most', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`l${index}`, 'x']));
    const labels = { team: 'x'.repeat(64), tier: 7, ['k'.repeat(400)]: 'x', ...many };
    const manifest = application();
    workflow = await startApplication({ ...manifest, metadata: { ...manifest.metadata, labels } });
    expect(counts('submitSparkApplication')).toEqual({ facts: [{ fact: 'created' }] });
    await workflow.task(isRefused('InvalidManifest'));
    expect(Object.keys(counts('stopSparkDriver')!.labels!)).toEqual(Object.keys(many).slice(0, 64));
  });

  it('are handed out also for a manifest without valid labels', async () => {
    const manifest = application();
    workflow = await startApplication({ ...manifest, metadata: { ...manifest.metadata, labels: null } });
    expect(counts('submitSparkApplication')).toEqual({ facts: [{ fact: 'created' }] });
  });

  it('are not repeated where a problem of the driver is recorded', async () => {
    await start();
    await workflow.task(isSubmitted);
    await workflow.task(completes('waitForSparkDriver', { state: 'PENDING', problem: { reason: 'Unschedulable' } }));
    expect(counts('waitForSparkDriver')).toBeUndefined();
  });

  it('include the start of a driver that was not seen while it ran', async () => {
    await start();
    await workflow.task(isSubmitted);
    const outcome = { ...outcomeOf(0), startedAt: '2026-01-01T00:00:01Z' };
    await workflow.task(completes('waitForSparkDriver', { state: 'ENDED', outcome }));
    expect(facts('finalizeSparkApplication')).toEqual(['started', 'completed']);
  });

  it('have one failure for all attempts of an application, and the latency of the first driver only', async () => {
    await start({ restartPolicy: { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 } });
    await workflow.task(isSubmitted);
    await workflow.task(ends(1));
    expect(facts('finalizeSparkApplication')).toEqual([]);
    await workflow.task(isFinalized);
    await workflow.passes(1_000);
    expect(facts('submitSparkApplication')).toEqual([]);
    await workflow.task(isSubmitted);
    expect(counts('waitForSparkDriver')).toEqual({ facts: [{ fact: 'submitted' }] });
    await workflow.task(ends(1));
    expect(facts('finalizeSparkApplication')).toEqual(['failed']);
  });

  it('have each failed submission, and the failure of the application with the last one', async () => {
    const retries = { onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 1 };
    await start({ restartPolicy: { type: 'OnFailure', ...retries } });
    await workflow.task(isRefused());
    expect(facts('stopSparkDriver')).toEqual(['submission-failed']);
    await workflow.task(neverWas);
    await workflow.passes(1_000);
    await workflow.task(isRefused());
    expect(facts('stopSparkDriver')).toEqual(['submission-failed', 'failed']);
  });

  it('have the failure at once where a submission is refused for good', async () => {
    await start({ restartPolicy: { type: 'Always' } });
    await workflow.task(isRefused('InvalidManifest'));
    expect(facts('stopSparkDriver')).toEqual(['submission-failed', 'failed']);
  });

  it('have neither success nor failure of an application that was killed', async () => {
    await start();
    await workflow.task(isSubmitted);
    await workflow.task(runs);
    await workflow.request('kill', {});
    expect(facts('stopSparkDriver')).toEqual([]);
    await workflow.task(isStopped);
    expect(facts('finalizeSparkApplication')).toEqual([]);
    await workflow.task(isFinalized);
    // Neither have those of the SDK.
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { category: 'BENIGN' } });
  });

  it('have the submission that a kill met, with the stop of its driver', async () => {
    await start();
    await workflow.request('kill', {});
    await workflow.task(isSubmitted);
    expect(facts('stopSparkDriver')).toEqual(['submitted']);
  });
});
