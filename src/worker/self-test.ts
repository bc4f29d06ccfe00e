import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { CANARY_WORKFLOW, type CanaryActivities, type CanaryInput } from '../protocol/index.ts';

export interface CanaryOptions {
  readonly connection: NativeConnection;
  readonly temporalNamespace: string;
  /** That of the workers: any of them may run the workflow, only this process its activity. */
  readonly taskQueue: string;
  /** That of the process: only workers of it run the workflow, current or not. @default any of them does */
  readonly version?: WorkerDeploymentVersion;
  /** Milliseconds between beats. @default 30000 */
  readonly intervalMs?: number;
}

/** Proof, beat by beat, that this process gets work from Temporal and does it. */
export interface Canary {
  /** Milliseconds since the last beat, or since it was started. */
  ageMs(): number;
  stop(): Promise<void>;
}

const GONE_AFTER_MS = 300_000;
/** Far longer than a run lasts before it continues as new. */
const RUN_TIMEOUT = '1 day';
const KNOWN_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 500;

/** Starts the workflow that calls this process, and the worker that answers. */
export async function startCanary({
  connection,
  temporalNamespace,
  taskQueue,
  version,
  intervalMs = 30_000,
}: CanaryOptions): Promise<Canary> {
  const process = `${hostname()}-${globalThis.process.pid}`;
  const ownQueue = `${taskQueue}/canary/${process}`;
  const workflowId = `temporal-spark-canary/${process}`;
  let lastBeat = performance.now();
  const activities: CanaryActivities = {
    beatCanary: async () => {
      lastBeat = performance.now();
    },
  };
  const worker = await Worker.create({
    connection,
    namespace: temporalNamespace,
    taskQueue: ownQueue,
    activities,
    maxConcurrentActivityTaskExecutions: 1,
  });
  const running = worker.run();
  const { workflow } = new Client({ connection, namespace: temporalNamespace });
  const input: CanaryInput = { taskQueue: ownQueue, intervalMs, goneAfterMs: GONE_AFTER_MS };
  // A predecessor of the same name is of a process that died.
  const begin = () =>
    workflow.start(CANARY_WORKFLOW, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      staticSummary: `Shows that the worker process ${process} does its work`,
      // No worker is left that could end that of a removed version.
      workflowRunTimeout: RUN_TIMEOUT,
      ...(version === undefined ? {} : { versioningOverride: { pinnedTo: version } }),
    });
  await (version === undefined ? begin() : onceKnown(begin));
  const ageMs = () => performance.now() - lastBeat;
  // A user may have terminated it: that must not look as if this process were stuck.
  const renewal = setInterval(() => {
    if (ageMs() > 2 * intervalMs) begin().catch(() => undefined);
  }, intervalMs);
  return {
    ageMs,
    stop: async () => {
      clearInterval(renewal);
      // It would end by itself; ended now, it does not confuse readers of the list.
      await workflow
        .getHandle(workflowId)
        .terminate('the worker has shut down')
        .catch(() => undefined);
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
}

/** Temporal learns of a version from the first poll of its workers, and pins nothing to one that it does not know. */
async function onceKnown(begin: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      await begin();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await pause(LOOK_AGAIN_MS);
    }
  }
}
