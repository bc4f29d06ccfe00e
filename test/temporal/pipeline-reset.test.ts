import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { SparkClient, type SparkPipelineHandle } from '../../src/index.ts';
import { sparkPipelineWorkflowId } from '../../src/protocol/index.ts';
import type { PipelineStage } from '../../src/manifest/index.ts';
import { startWorker } from '../support/environment.ts';
import { goOn, pipelineFailureOf, pipelineOf, step } from '../support/pipelines.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('reset', { worker: {} });
let last = 0;

function start(stages: readonly PipelineStage[], run = 'only', by?: SparkClient): Promise<SparkPipelineHandle> {
  const { namespace } = temporal.env;
  const { pipelines } = by ?? temporal.env.spark;
  last += 1;
  return pipelines.start(pipelineOf(`reset${last}-${namespace}`, stages, {}, namespace), { run });
}

const child = ({ workflowId }: SparkPipelineHandle, stage: string) =>
  temporal.env.client.workflow.getHandle(`${workflowId}/${stage}`);

const isRunning = (pipeline: SparkPipelineHandle, stage: string) =>
  eventually(`${stage} to run`, async () => {
    const { status, runId } = await child(pipeline, stage).describe();
    return status.name === 'RUNNING' && runId;
  });

/** To its first task, before the start of any child. @returns the run since then */
async function reset({ workflowId }: SparkPipelineHandle): Promise<SparkPipelineHandle> {
  await temporal.env.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId: '' },
    reason: 'test',
    workflowTaskFinishEventId: 4 as never,
    requestId: randomUUID(),
  });
  return temporal.env.spark.pipelines.get(workflowId);
}

/** Its stage runs again, in the run since the reset. */
const hasResumed = (pipeline: SparkPipelineHandle, stage: string) =>
  eventually(`${stage} to be adopted`, async () => {
    const { raw } = await temporal.env.client.workflow.getHandle(pipeline.workflowId).describe();
    const types = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
    const { stages } = await pipeline.status();
    return types.includes('waitForWorkflow') && stages.find(({ name }) => name === stage)?.state === 'RUNNING';
  });

describe('a pipeline that is reset', () => {
  it('adopts the stage and the item that run, and continues with their results', async () => {
    const outputs = { rows: 'int' } as const;
    const pipeline = await start([
      step('done', {}),
      step('work', { hold: true, result: { rows: 3 } }, { dependsOn: ['done'], outputs }),
      step('each', { hold: true }, { dependsOn: ['done'], forEach: { items: ['a'] } }),
      step('next', { result: { rows: '${{ stages.work.outputs.rows }}' } }, { dependsOn: ['work', 'each'], outputs }),
    ]);
    const before = [await isRunning(pipeline, 'work'), await isRunning(pipeline, 'each/0')];
    const since = await reset(pipeline);
    await hasResumed(pipeline, 'work');
    await goOn(child(pipeline, 'work'));
    await goOn(child(pipeline, 'each/0'));
    expect(await since.result()).toMatchObject({ state: 'COMPLETED', counts: { SUCCEEDED: 4 } });
    expect((await pipeline.status()).stages.at(-1)).toMatchObject({ outputs: { rows: 3 } });
    const after = [await child(pipeline, 'work').describe(), await child(pipeline, 'each/0').describe()];
    expect(after.map(({ runId }) => runId)).toEqual(before);
  });

  it('runs a stage again that has ended since the task that it is reset to', async () => {
    const pipeline = await start([step('done', {}), step('work', { hold: true }, { dependsOn: ['done'] })]);
    await isRunning(pipeline, 'work');
    const { runId } = await child(pipeline, 'done').describe();
    const since = await reset(pipeline);
    await hasResumed(pipeline, 'work');
    expect((await child(pipeline, 'done').describe()).runId).not.toBe(runId);
    await goOn(child(pipeline, 'work'));
    expect(await since.result()).toMatchObject({ state: 'COMPLETED', counts: { SUCCEEDED: 2 } });
  });

  it('cancels the stage that it adopted when it is cancelled', async () => {
    const pipeline = await start([step('work', { hold: true })]);
    await isRunning(pipeline, 'work');
    const since = await reset(pipeline);
    await hasResumed(pipeline, 'work');
    await since.cancel();
    await pipelineFailureOf(since.result());
    expect((await child(pipeline, 'work').describe()).status.name).toBe('CANCELLED');
  });

  it('resumes a nested pipeline that was paused with the run before the reset', async () => {
    const inner = [step('held', { hold: true }), step('after', {}, { dependsOn: ['held'] })];
    const pipeline = await start([{ name: 'nested', pipeline: { stages: inner } }]);
    await isRunning(pipeline, 'nested/held');
    await pipeline.pause('lunch');
    const nested = temporal.env.spark.pipelines.get(`${pipeline.workflowId}/nested`);
    await eventually('the nested one to be paused', async () => (await nested.status()).state === 'PAUSED');
    // The reset applies the pause to the new run, too: it starts, and adopts, nothing until it is resumed.
    const since = await reset(pipeline);
    await since.resume();
    await hasResumed(pipeline, 'nested');
    await goOn(child(pipeline, 'nested/held'));
    expect(await since.result()).toMatchObject({ state: 'COMPLETED' });
  });
});

it('a worker with fewer slots than stages that pipelines adopted serves other pipelines', async () => {
  const { env } = temporal;
  const taskQueue = `slots-${randomUUID()}`;
  const spark = new SparkClient(env.client, { taskQueue });
  const worker = await startWorker({ ...env, taskQueue }, { slots: 1 });
  try {
    const held = [step('work', { hold: true })];
    const pipelines = await Promise.all(Array.from({ length: 3 }, () => start(held, 'only', spark)));
    const results = pipelines.map(async (pipeline) => {
      await isRunning(pipeline, 'work');
      const since = await reset(pipeline);
      await hasResumed(pipeline, 'work');
      return since.result();
    });
    await Promise.all(pipelines.map((pipeline) => hasResumed(pipeline, 'work')));
    const other = await start([step('work')], 'only', spark);
    expect(await other.result()).toMatchObject({ state: 'COMPLETED' });
    for (const pipeline of pipelines) await goOn(child(pipeline, 'work'));
    for (const result of results) expect(await result).toMatchObject({ state: 'COMPLETED' });
  } finally {
    await worker.stop();
  }
});

describe('a workflow with the ID of a stage', () => {
  const message = expect.stringContaining(
    'a workflow of this ID is running that this pipeline did not start',
  ) as string;

  it('is not adopted where a client started it', async () => {
    const { client, taskQueue, namespace } = temporal.env;
    const workflowId = `${sparkPipelineWorkflowId(namespace, `reset${last + 1}-${namespace}`, 'only')}/work`;
    const own = await client.workflow.start('step', { workflowId, taskQueue, args: [{ hold: true }] });
    const pipeline = await start([step('work', {})]);
    await pipelineFailureOf(pipeline.result());
    expect((await pipeline.status()).stages).toMatchObject([{ name: 'work', state: 'FAILED', message }]);
    await goOn(own);
  });

  it('is not adopted where an earlier start of the pipeline left it', async () => {
    const stages = [step('work', { hold: true })];
    const pipeline = await start(stages);
    await isRunning(pipeline, 'work');
    await temporal.env.client.workflow.getHandle(pipeline.workflowId).terminate('test');
    last -= 1;
    const again = await start(stages);
    expect(again.workflowId).toBe(pipeline.workflowId);
    await pipelineFailureOf(again.result());
    expect((await again.status()).stages).toMatchObject([{ name: 'work', state: 'FAILED', message }]);
    await goOn(child(pipeline, 'work'));
  });
});
