import { SparkPipelineFailedError } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineManifest, SparkPipelineSpec } from '../../src/manifest/index.ts';
import type { StageStatus } from '../../src/workflows/definitions/index.ts';
import type { StepInput } from './step-workflows.ts';

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
