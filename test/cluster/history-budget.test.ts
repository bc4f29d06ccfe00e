import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../src/worker.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('budget', { timings: DEFAULT_TIMINGS, worker: {} });
const { pi, runningDriver } = cluster;

async function sizeOf(workflowId: string): Promise<{ events: number; bytes: number }> {
  const { raw } = await cluster.env.client.workflow.getHandle(workflowId).describe();
  const { historyLength, historySizeBytes } = raw.workflowExecutionInfo!;
  return { events: Number(historyLength), bytes: Number(historySizeBytes) };
}

/**
 * What a run may cost in history. Temporal fails a history at 51,200 events and proposes to continue as new at 4,096;
 * each event is also stored and replayed. Raise a number here only knowing why. Three events an attempt are search
 * attributes: SUBMITTED, RUNNING, and COMPLETED or PENDING_RERUN.
 */
describe('the history of', () => {
  it('a plain run has at most 32 events in 10 KB', async () => {
    const application = await cluster.env.spark.start(pi('plain'));
    await application.result();
    const { events, bytes } = await sizeOf(application.workflowId);
    console.log(`plain: ${events} events, ${bytes} bytes`);
    expect(events).toBeLessThanOrEqual(32);
    expect(bytes).toBeLessThanOrEqual(10_000);
  });

  it('ten restarts has at most 420 events in 120 KB', async () => {
    const manifest = pi('restarted', { 'lab.temporal-spark/exit-code': '1' });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 10, onFailureRetryInterval: 1 };
    manifest.metadata.annotations = { 'temporal-spark/restart-max-interval': '100ms' };
    const application = await cluster.env.spark.start(manifest);
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ attempts: 11 });
    expect(result!.attemptHistory).toHaveLength(11);
    const { events, bytes } = await sizeOf(application.workflowId);
    console.log(`ten restarts: ${events} events, ${bytes} bytes`);
    // 352 and some 90 KB where every driver starts at once; one that does not reports why, in some six events more.
    expect(events).toBeLessThanOrEqual(420);
    expect(bytes).toBeLessThanOrEqual(120_000);
  });

  it('a cancelled run has at most 45 events in 13 KB', async () => {
    const application = await cluster.env.spark.start(pi('cancelled', RUN_FOREVER));
    await runningDriver('cancelled');
    await application.kill();
    await failureOf(application.result());
    const { events, bytes } = await sizeOf(application.workflowId);
    console.log(`cancelled: ${events} events, ${bytes} bytes`);
    expect(events).toBeLessThanOrEqual(45);
    expect(bytes).toBeLessThanOrEqual(13_000);
  });
});
