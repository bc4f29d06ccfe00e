import { CancelledFailure, Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  UpdateEffect,
  type DriverObservation,
  type FinalOutcome,
  type SparkActivities,
  type StoppedDriver,
  type SubmitAnswer,
} from '../../src/protocol/index.ts';
import { eventually } from '../../lab/eventually.ts';
import type { SparkApplication } from '../../src/manifest/index.ts';
import type { RunningWorker, TemporalEnvironment } from './environment.ts';
import { workflowBundle } from './workflow-bundle.ts';

const HEARTBEAT_MS = 50;
const executors = { pending: 0, running: 0, succeeded: 0, failed: 0 };

export const imagePull = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "spark:9.9.9"' };

/** What becomes of a driver, by the beginning of its application's name. */
export type Script = 'queued' | 'running' | 'pulling' | 'completed' | 'failed';

/**
 * A worker with our workflows whose activities have no cluster: an application that is called `queued-…` waits for its
 * pool, `running-…` runs until it is stopped, `pulling-…` cannot pull its image, `completed-…` and `failed-…` end.
 */
export async function startScriptedWorker({
  temporalAddress,
  taskQueue,
}: Pick<TemporalEnvironment, 'temporalAddress' | 'taskQueue'>): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities,
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
  });
  const running = worker.run();
  await eventually('the worker to run', () => worker.getState() === 'RUNNING', { intervalMs: 10 });
  return {
    async stop() {
      worker.shutdown();
      await running.finally(() => connection.close());
    },
  };
}

const activities: Partial<SparkActivities> = {
  async submitSparkApplication({ manifest, identity, admitted = false }): Promise<SubmitAnswer> {
    if (scriptOf(manifest.metadata.name!) === 'queued' && !admitted) {
      return { queue: 'batch', limits: { maxApplications: 1 }, priority: 0, requests: { cpu: 1, memory: 1 } };
    }
    const { driverPodName, sparkApplicationId } = identity;
    return { driverPodName, sparkApplicationId, driverPodUid: 'uid', submitter: 'scripted' };
  },
  requestAdmission: async () => undefined,
  checkManifestUpdate: async ({ proposed }) => ({ manifest: proposed as SparkApplication, effect: UpdateEffect.None }),
  async waitForSparkDriver({ driverPodName, until, known }): Promise<DriverObservation> {
    switch (scriptOf(driverPodName)) {
      case 'completed':
        return { state: 'ENDED', outcome: outcomeOf(0) };
      case 'failed':
        return { state: 'ENDED', outcome: outcomeOf(7) };
      case 'pulling':
        if (known?.reason !== imagePull.reason) return { state: 'PENDING', problem: imagePull };
        return untilCancelled();
      case 'queued':
      case 'running':
        return until === 'running' ? { state: 'RUNNING', startedAt: '2026-01-01T00:00:01Z' } : untilCancelled();
    }
  },
  async stopSparkDriver(): Promise<StoppedDriver> {
    return { outcome: { succeeded: false, reason: 'Deleted', deleted: true, executors } };
  },
  finalizeSparkApplication: async () => ({ finalizer: 'removed' }),
};

const scriptOf = (name: string): Script => name.split('-')[0] as Script;

const outcomeOf = (exitCode: number): FinalOutcome => ({
  succeeded: exitCode === 0,
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  startedAt: '2026-01-01T00:00:01Z',
  finishedAt: '2026-01-01T00:00:09Z',
  deleted: false,
  executors,
});

async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await context.cancelled;
  } catch (error) {
    throw error instanceof CancelledFailure ? error : new CancelledFailure(String(error));
  } finally {
    clearInterval(beat);
  }
}
