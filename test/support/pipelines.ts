import type { Client, WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { SparkPipelineFailedError } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineManifest, SparkPipelineSpec } from '../../src/manifest/index.ts';
import type { StageStatus } from '../../src/protocol/index.ts';
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

/** The workflows whose IDs begin with the prefix, once all of them are closed. */
export function childrenOf(client: Client, prefix: string): Promise<WorkflowExecutionInfo[]> {
  const query = `WorkflowId STARTS_WITH "${prefix}"`;
  return eventually('closed children in the list', async () => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const each of client.workflow.list({ query })) found.push(each);
    return found.length > 0 && found.every(({ closeTime }) => closeTime !== undefined) && found;
  });
}

/** How many runs each child of a pipeline had. */
export async function runsOf(client: Client, workflowId: string): Promise<Record<string, number>> {
  const runs: Record<string, number> = {};
  for (const child of await childrenOf(client, `${workflowId}/`)) {
    runs[child.workflowId] = (runs[child.workflowId] ?? 0) + 1;
  }
  return runs;
}

/** Resumes a step that waits. A stage counts as begun a moment before its workflow is there. */
export async function goOn(held: WorkflowHandle): Promise<void> {
  await eventually(`${held.workflowId} to be there`, () => held.signal('go').then(() => true));
}
