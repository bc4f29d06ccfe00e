import { describe, expect, it } from 'vitest';
import type { SparkPipelineHandle } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../src/manifest/index.ts';
import type { CarriedPipeline } from '../../src/workflows/pipeline/carried-pipeline.ts';
import type { UnitRecord } from '../../src/workflows/pipeline/unit-record.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import { pipelineFailureOf, pipelineOf, step, summaryOf } from '../support/pipelines.ts';

const temporal = useTemporal('stops', { worker: {} });
let last = 0;

function start(
  stages: readonly PipelineStage[],
  spec: Partial<SparkPipelineSpec> = {},
  options: { readonly maxHistoryEvents?: number } = {},
): Promise<SparkPipelineHandle> {
  const { spark, namespace } = temporal.env;
  last += 1;
  return spark.pipelines.start(pipelineOf(`stop${last}-${namespace}`, stages, spec, namespace), options);
}

const isRunning = (pipeline: SparkPipelineHandle, stage: string) =>
  eventually(`${stage} to run`, async () => {
    const child = await temporal.env.client.workflow.getHandle(`${pipeline.workflowId}/${stage}`).describe();
    return child.status.name === 'RUNNING';
  });

describe('a pipeline that is cancelled', () => {
  it('and continues as new while it stops ends cancelled, for Temporal too', async () => {
    const tidy = (index: number): PipelineStage =>
      step(`tidy${index}`, {}, { always: true, dependsOn: [index === 0 ? 'work' : `tidy${index - 1}`] });
    const afterwards = Array.from({ length: 8 }, (_, index) => {
      const stage = tidy(index);
      return { ...stage, dependsOn: [{ stage: stage.dependsOn![0] as string, condition: 'completed' as const }] };
    });
    const pipeline = await start([step('work', { hold: true }), ...afterwards], {}, { maxHistoryEvents: 30 });
    await isRunning(pipeline, 'work');
    await pipeline.cancel();
    const { result } = await pipelineFailureOf(pipeline.result());
    expect(result).toMatchObject({ state: 'CANCELLED', counts: { CANCELLED: 1, SUCCEEDED: 8 } });
    const { status, runId } = await temporal.env.client.workflow.getHandle(pipeline.workflowId).describe();
    expect(status.name).toBe('CANCELLED');
    expect(runId).not.toBe(pipeline.runId);
  });

  it('accepts no pause while it stops', async () => {
    const pipeline = await start([step('work', { hold: true, deaf: true }, { terminateAfterSeconds: 3 })]);
    await isRunning(pipeline, 'work');
    await pipeline.cancel();
    await eventually('it to stop', async () => (await pipeline.status()).state === 'STOPPING');
    const message = expect.stringContaining('cannot pause a pipeline that is STOPPING') as string;
    const refusal = { name: 'PipelineRequestError', type: 'RequestRefused', message };
    await expect(pipeline.pause()).rejects.toMatchObject(refusal);
    await pipelineFailureOf(pipeline.result());
  });

  it('terminates a stage that ignores its cancellation, also in the run that continues it', async () => {
    const chain = Array.from({ length: 8 }, (_, index) =>
      step(`s${index}`, {}, index === 0 ? {} : { dependsOn: [`s${index - 1}`] }),
    );
    const deaf = step('deaf', { hold: true, deaf: true }, { terminateAfterSeconds: 2 });
    const late = { ...deaf, name: 'late', timeoutSeconds: 1, terminateAfterSeconds: 1 };
    const pipeline = await start([deaf, late, ...chain], { failurePolicy: 'Continue' }, { maxHistoryEvents: 30 });
    const isOver = async (): Promise<boolean> => (await pipeline.status()).stages.at(-1)!.state === 'SUCCEEDED';
    await eventually('the chain to end', isOver);
    const { workflow } = temporal.env.client;
    expect((await workflow.getHandle(pipeline.workflowId).describe()).runId).not.toBe(pipeline.runId);
    await pipeline.cancelStage('deaf');
    await pipelineFailureOf(pipeline.result());
    const { stages } = await pipeline.status();
    expect(summaryOf(stages).slice(0, 2)).toEqual(['deaf: CANCELLED Cancelled', 'late: FAILED TimedOut']);
    expect(stages[0]!.message).toBe('It did not end within 2 s of being cancelled, and was terminated.');
    expect(stages[1]!.message).toBe(
      'Timed out after 1 s. It did not end within 1 s of being cancelled, and was terminated.',
    );
    const child = await workflow.getHandle(`${pipeline.workflowId}/deaf`).describe();
    expect(child.status.name).toBe('TERMINATED');
  });
});

describe('a time limit that began before the pipeline continued as new, and that runs out while it is paused', () => {
  const HOUR_MS = 3_600_000;

  /** A run as one that continued as new an hour after it began would find it: paused, with a stage under way. */
  async function continued(name: string, spec: Partial<SparkPipelineSpec>, limits: Partial<PipelineStage>) {
    const { client, namespace, spark, taskQueue } = temporal.env;
    const { workflow } = client;
    const workflowId = `pipeline/${name}-${namespace}/continued`;
    const options = { taskQueue, workflowId: `${workflowId}/held`, args: [{ hold: true }] };
    const child = await workflow.start('step', options);
    const began = new Date(Date.now() - HOUR_MS);
    const unit: UnitRecord = {
      state: 'running',
      attempts: 1,
      runId: child.firstExecutionRunId,
      ...(limits.timeoutSeconds === undefined ? {} : { deadline: began.getTime() + limits.timeoutSeconds * 1000 }),
    };
    const carried: CarriedPipeline = {
      parameters: {},
      scheduleTime: began.toISOString(),
      startedAt: began.toISOString(),
      pause: {},
      granted: [],
      stages: { held: { state: 'RUNNING', units: [unit] }, later: { state: 'PENDING', units: [] } },
    };
    const stages = [step('held', { hold: true }, limits), step('later', {}, { dependsOn: ['held'] })];
    const manifest = pipelineOf(`${name}-${namespace}`, stages, spec, namespace);
    await workflow.start('sparkPipeline', { taskQueue, workflowId, args: [manifest, {}, carried] });
    return spark.pipelines.get(workflowId);
  }

  it('ends the try of a stage', async () => {
    const pipeline = await continued('late-stage', {}, { timeoutSeconds: 60 });
    await pipelineFailureOf(pipeline.result());
    const { stages } = await pipeline.status();
    expect(summaryOf(stages)).toEqual(['held: FAILED TimedOut', 'later: SKIPPED PipelineStopped']);
    expect((await temporal.env.client.workflow.getHandle(`${pipeline.workflowId}/held`).describe()).status.name).toBe(
      'CANCELLED',
    );
  });

  it('ends the pipeline', async () => {
    const pipeline = await continued('late', { timeoutSeconds: 60 }, {});
    const { message } = await pipelineFailureOf(pipeline.result());
    expect(message).toContain('timed out after 60 s');
    expect(summaryOf((await pipeline.status()).stages)).toEqual([
      'held: CANCELLED Cancelled',
      'later: SKIPPED PipelineStopped',
    ]);
  });
});
