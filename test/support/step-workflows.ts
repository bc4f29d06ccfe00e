/** The workflows of a worker that runs pipelines, and a user's own as the tests have them. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { SparkApplicationManifest, SparkPipelineManifest } from '../../src/manifest/index.ts';
import {
  executeSparkApplication,
  executeSparkPipeline,
  startSparkApplication,
  startSparkPipeline,
  type SparkPipelineChildOptions,
} from '../../src/workflow.ts';
import type { SparkApplicationResult, SparkPipelineResult } from '../../src/protocol/index.ts';

export * from '../../src/workflows/index.ts';

export interface StepInput {
  /** @default 0 */
  readonly ms?: number;
  readonly fail?: string;
  readonly result?: Record<string, unknown>;
  /** Continues when signalled. */
  readonly hold?: boolean;
  /** Does not end when it is cancelled. */
  readonly deaf?: boolean;
}

export const goSignal = defineSignal('go');

/** Waits, then fails or returns as requested. */
export async function step({ ms = 0, fail, result, hold = false, deaf = false }: StepInput = {}): Promise<unknown> {
  let go = !hold;
  setHandler(goSignal, () => void (go = true));
  try {
    if (ms > 0) await sleep(ms);
    await condition(() => go);
  } catch (error) {
    if (isCancellation(error) && !deaf) throw error;
    if (deaf) await CancellationScope.nonCancellable(() => condition(() => go));
  }
  if (fail !== undefined) throw ApplicationFailure.nonRetryable(fail, 'StepFailed');
  return result;
}

/** One application as a part of it. */
export async function parent(manifest: SparkApplicationManifest): Promise<SparkApplicationResult> {
  return executeSparkApplication(manifest);
}

/** One pipeline as a part of it. */
export async function pipelineParent(
  manifest: SparkPipelineManifest,
  options?: SparkPipelineChildOptions,
): Promise<SparkPipelineResult> {
  return executeSparkPipeline(manifest, options);
}

/** Pauses its pipeline until it is signalled. */
export async function pausingParent(manifest: SparkPipelineManifest): Promise<SparkPipelineResult> {
  let go = false;
  setHandler(goSignal, () => void (go = true));
  const pipeline = await startSparkPipeline(manifest, { run: 'paused' });
  await pipeline.pause('not yet');
  await condition(() => go);
  await pipeline.resume();
  return pipeline.result();
}

export interface CancelledChild {
  readonly workflowId: string;
  readonly runId: string;
  readonly cancelled: boolean;
}

/** Starts an application or a pipeline, and cancels it. */
export async function cancellingParent(
  manifest: SparkApplicationManifest | SparkPipelineManifest,
): Promise<CancelledChild> {
  const started =
    manifest.kind === 'SparkPipeline' ? await startSparkPipeline(manifest) : await startSparkApplication(manifest);
  await started.cancel();
  const end: unknown = await started.result().catch((error: unknown) => error);
  const { workflowId, runId } = started;
  return { workflowId, runId, cancelled: isCancellation(end) };
}
