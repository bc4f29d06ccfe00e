import {
  startWorkerProcess as start,
  type WorkerProcess,
  type WorkerProcessOptions,
} from '../../lab/worker-process.ts';
import type { Timings } from '../../src/worker.ts';
import { FAST } from './timings.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type { WorkerProcess };

export interface TestWorkerOptions extends WorkerProcessOptions {
  /** @default FAST */
  readonly timings?: Partial<Timings>;
}

/** `temporal-spark worker` as a separate process, with the timings of tests. */
export async function startWorkerProcess({
  timings = FAST,
  env,
  ...options
}: TestWorkerOptions): Promise<WorkerProcess> {
  const { codePath } = await workflowBundle();
  return start({
    ...options,
    env: {
      TEMPORAL_SPARK_TIMINGS: JSON.stringify(timings),
      TEMPORAL_SPARK_WORKFLOW_BUNDLE: codePath,
      ...env,
    },
  });
}
