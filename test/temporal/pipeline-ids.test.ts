import { describe, expect, it } from 'vitest';
import type { SparkPipelineHandle, StartPipelineOptions } from '../../src/index.ts';
import { cli } from '../support/cli.ts';
import { goOn, pipelineFailureOf, pipelineOf, step } from '../support/pipelines.ts';
import type { StepInput } from '../support/step-workflows.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('pipeline-ids', { worker: {} });
const run = '2026-11-20';

const manifestOf = (name: string, input: StepInput = {}) => {
  const { namespace } = temporal.env;
  return pipelineOf(`${name}-${namespace}`, [step('a', input)], {}, namespace);
};
const referenceTo = (name: string) => {
  const { namespace } = temporal.env;
  return { namespace, name: `${name}-${namespace}`, run };
};
const idsOf = (name: string) => {
  const { namespace } = temporal.env;
  return { old: `pipeline/${name}-${namespace}/${run}`, id: `pipeline/${namespace}/${name}-${namespace}/${run}` };
};

/** Starts the run as 0.1 did: without the namespace in its id. */
async function startedBy01(name: string, input: StepInput = { hold: true }): Promise<SparkPipelineHandle> {
  const { client, taskQueue, spark } = temporal.env;
  const { old } = idsOf(name);
  await client.workflow.start('sparkPipeline', { taskQueue, workflowId: old, args: [manifestOf(name, input)] });
  return spark.pipelines.get(old);
}

async function endHeld({ workflowId }: SparkPipelineHandle): Promise<void> {
  await goOn(temporal.env.client.workflow.getHandle(`${workflowId}/a`));
}

function temporalSpark(...args: string[]) {
  const { temporalAddress, taskQueue } = temporal.env;
  return cli(args, { env: { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: taskQueue } });
}

describe('two pipelines of the same name in different namespaces', () => {
  it('may have runs of the same name', async () => {
    const { spark } = temporal.env;
    const one = manifestOf('twin', { result: {} });
    const other = { ...one, metadata: { ...one.metadata, namespace: 'other' } };
    const runs = await Promise.all([one, other].map((each) => spark.pipelines.start(each, { run })));
    expect(new Set(runs.map(({ workflowId }) => workflowId)).size).toBe(2);
    for (const each of runs) expect((await each.result()).state).toBe('COMPLETED');
    expect((await runs[0]!.status()).run).toBe(run);
  });
});

describe('a run that 0.1 started without its namespace', () => {
  it('is found by its names, and by the id that it would have now', async () => {
    const { spark } = temporal.env;
    const started = await startedBy01('found');
    const { old, id } = idsOf('found');
    expect((await spark.pipelines.find(referenceTo('found'))).workflowId).toBe(old);
    const byName = spark.pipelines.get(referenceTo('found'));
    expect(await byName.status()).toMatchObject({ run, state: 'RUNNING' });
    await byName.pause('as asked');
    expect(await spark.pipelines.get(id).status()).toMatchObject({ state: 'PAUSED', note: 'as asked' });
    await byName.resume();
    await endHeld(started);
    expect((await byName.result()).state).toBe('COMPLETED');
    const again = await spark.pipelines.rerun(referenceTo('found'), { from: ['a'], run: 'again' });
    expect(again.workflowId).toBe(id.replace(run, 'again'));
    await again.cancel();
    await pipelineFailureOf(again.result());
  });

  it('is found by the commands', async () => {
    const started = await startedBy01('commands');
    const { old, id } = idsOf('commands');
    const described = await temporalSpark('describe', id);
    expect(described.stdout).toMatch(new RegExp(`Workflow +${old}\n`));
    expect((await temporalSpark('graph', id, '-o', 'mermaid')).stdout).toContain('RUNNING');
    expect(await temporalSpark('pipeline', 'cancel', id)).toMatchObject({
      code: 0,
      stdout: `${old} is being cancelled\n`,
    });
    await pipelineFailureOf(started.result());
    const rerun = await temporalSpark('pipeline', 'rerun', id, '--run', 'rerun');
    expect(rerun.stdout).toContain(`Started ${id.replace(run, 'rerun')}`);
  });

  it('is not taken for one of another namespace, nor for one that has the new id', async () => {
    const { spark } = temporal.env;
    const started = await startedBy01('own');
    const other = { ...referenceTo('own'), namespace: 'other' };
    await expect(spark.pipelines.get(other).status()).rejects.toMatchObject({
      name: 'PipelineRequestError',
      type: 'NotFound',
    });
    await started.cancel();
    await pipelineFailureOf(started.result());
    const second = await spark.pipelines.start(manifestOf('own', { hold: true }), { run });
    expect(second.workflowId).toBe(idsOf('own').id);
    expect((await spark.pipelines.get(referenceTo('own')).status()).state).toBe('RUNNING');
    await second.cancel();
    await pipelineFailureOf(second.result());
  });

  it('is not started again while it runs or when it has succeeded', async () => {
    const { spark } = temporal.env;
    const started = await startedBy01('once');
    const start = (conflict?: 'USE_EXISTING') =>
      spark.pipelines.start(manifestOf('once'), { run, ...(conflict && { conflict }) });
    const { old } = idsOf('once');
    await expect(start()).rejects.toMatchObject({ name: 'WorkflowExecutionAlreadyStartedError', workflowId: old });
    expect((await start('USE_EXISTING')).workflowId).toBe(old);
    await endHeld(started);
    expect((await started.result()).state).toBe('COMPLETED');
    await expect(start('USE_EXISTING')).rejects.toThrow('already started');
  });

  it('is not terminated for another, because its stages would run on', async () => {
    const { client, spark } = temporal.env;
    await startedBy01('replaced');
    const terminate = { run, conflict: 'TERMINATE_EXISTING' } as unknown as StartPipelineOptions;
    await expect(spark.pipelines.start(manifestOf('replaced'), terminate)).rejects.toThrow(RangeError);
    const { status } = await client.workflow.getHandle(idsOf('replaced').old).describe();
    expect(status.name).toBe('RUNNING');
  });
});
