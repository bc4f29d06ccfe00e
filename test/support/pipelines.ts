import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { SparkPlugin, SparkPipelineFailedError, sparkWorkerOptions } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineManifest, SparkPipelineSpec } from '../../src/manifest/index.ts';
import type { StageStatus } from '../../src/workflows/definitions/index.ts';
import type { Environment } from './environment.ts';
import type { StepInput } from './step-workflows.ts';
import { FAST } from './timings.ts';

const workflowsPath = fileURLToPath(new URL('./step-workflows.ts', import.meta.url));

/** Runs a worker with the users' workflows and activities of the tests while the body runs. */
export async function withPipelineWorker<T>(
  { kubernetes, temporalAddress, taskQueue, timings = FAST }: Environment,
  body: () => Promise<T>,
  activities: Record<string, (...args: never[]) => Promise<unknown>> = {},
): Promise<T> {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  try {
    const worker = await Worker.create({
      ...sparkWorkerOptions({
        taskQueue,
        temporalNamespace: 'default',
        maxConcurrentActivities: 500,
        shutdownGraceMs: 1_000,
        timings,
      }),
      connection,
      workflowsPath,
      activities,
      plugins: [new SparkPlugin({ kubernetes, timings })],
    });
    return await worker.runUntil(body);
  } finally {
    await connection.close();
  }
}

export function pipelineOf(
  name: string,
  stages: readonly PipelineStage[],
  spec: Partial<SparkPipelineSpec> = {},
  namespace = 'default',
): SparkPipelineManifest {
  return {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name, namespace },
    spec: { stages, ...spec },
  };
}

/** A stage that runs the `step` workflow. */
export function step(name: string, input: StepInput = {}, fields: Partial<PipelineStage> = {}): PipelineStage {
  return { name, workflow: { type: 'step', args: [input] }, ...fields };
}

/** `name: STATE` or `name: STATE reason` of each stage. */
export function summaryOf(stages: readonly StageStatus[]): string[] {
  return stages.map(({ name, state, reason }) => `${name}: ${state}${reason === undefined ? '' : ` ${reason}`}`);
}

/** How a pipeline that must not complete ended. */
export async function pipelineFailureOf(result: Promise<unknown>): Promise<SparkPipelineFailedError> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SparkPipelineFailedError) return error;
  throw new Error('The pipeline was expected not to complete', { cause: error });
}
