import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SparkPipelineHandle } from '../../src/index.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { DRIVER_FINALIZER } from '../../src/spark/metadata.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../src/manifest/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import {
  connectEnvironment,
  DriverRecorder,
  startWorker,
  type Environment,
  type RunningWorker,
} from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { goOn, pipelineFailureOf, pipelineOf, runsOf, step, summaryOf } from '../support/pipelines.ts';

let env: Environment;
let drivers: DriverRecorder;
let worker: RunningWorker;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'pipelines' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  drivers = new DriverRecorder(env.kubernetes, namespace);
  await drivers.ready;
  worker = await startWorker(env, {
    activities: {
      double: async (value: number) => ({ doubled: value * 2 }),
    },
  });
});

afterAll(async () => {
  await worker?.stop();
  drivers?.stop();
  await env?.close();
});

let last = 0;

function start(
  stages: readonly PipelineStage[],
  spec: Partial<SparkPipelineSpec> = {},
  options: Parameters<Environment['spark']['pipelines']['start']>[1] = {},
): Promise<SparkPipelineHandle> {
  last += 1;
  const name = `p${last}-${env.namespace}`;
  return env.spark.pipelines.start(pipelineOf(name, stages, spec, env.namespace), options);
}

async function endOf(pipeline: SparkPipelineHandle): Promise<string[]> {
  await pipeline.result().catch(() => undefined);
  return summaryOf((await pipeline.status()).stages);
}

/** A SparkApplication as a stage. */
function application(
  name: string,
  annotations: Record<string, string> = {},
  fields: Partial<PipelineStage> = {},
): PipelineStage {
  return { name, application: { spec: sparkPi({ annotations }).spec }, ...fields };
}

describe('a pipeline', () => {
  it('runs Spark applications, workflows, activities and pipelines in their order, and hands outputs on', async () => {
    const pipeline = await start(
      [
        step('prepare', { result: { count: 3, path: '/data' } }, { outputs: { count: 'int', path: 'string' } }),
        {
          name: 'double',
          dependsOn: ['prepare'],
          activity: { type: 'double', args: ['${{ stages.prepare.outputs.count }}'] },
          outputs: { doubled: 'int' },
        },
        application(
          'spark',
          { 'lab.temporal-spark/termination-message': '{"rows": ${{ stages.double.outputs.doubled }}}' },
          { dependsOn: ['double'], outputs: { rows: 'int' } },
        ),
        {
          name: 'nested',
          dependsOn: ['spark'],
          parameters: { rows: '${{ stages.spark.outputs.rows + 1 }}' },
          pipeline: {
            parameters: { rows: { type: 'int' } },
            outputs: { text: { type: 'string', value: '${{ params.rows }} rows in ${{ pipeline.namespace }}' } },
            stages: [step('inner')],
          },
        },
      ],
      { outputs: { text: { type: 'string', value: '${{ stages.nested.outputs.text }}' } } },
    );
    const result = await pipeline.result();
    expect(result).toMatchObject({
      state: 'COMPLETED',
      outputs: { text: `7 rows in ${env.namespace}` },
      counts: { SUCCEEDED: 4 },
      unsuccessful: [],
    });
    const nested = env.client.workflow.getHandle(`${pipeline.workflowId}/nested/inner`);
    expect((await nested.describe()).type).toBe('step');
    const child = await env.client.workflow.getHandle(`${pipeline.workflowId}/spark`).describe();
    expect(child.memo).toMatchObject({ stage: 'spark', run: pipeline.workflowId.split('/').at(-1) });
    expect(child).toMatchObject({ type: 'sparkApplication', status: { name: 'COMPLETED' } });
    const [pod] = [...drivers.seen.values()].filter(
      ({ metadata }) => metadata?.labels?.['temporal-spark/stage'] === 'spark',
    );
    expect(pod!.metadata!.labels!['temporal-spark/pipeline']).toBe(result.name);
  });
});

describe('a stage that fails', () => {
  it('because of a time limit, a missing output or an expression reports the reason', async () => {
    const pipeline = await start(
      [
        step('slow', { hold: true }, { timeoutSeconds: 1 }),
        step('mute', {}, { outputs: { rows: 'int' } }),
        step('wrong', { result: { rows: 'many' } }, { outputs: { rows: 'int' } }),
        step('list', { result: { all: [] } }, { outputs: { all: 'list<int>' } }),
        step('first', {}, { dependsOn: ['list'], when: 'stages.list.outputs.all[0] > 1' }),
        application('talkative', { 'lab.temporal-spark/termination-message': 'done!' }, { outputs: { rows: 'int' } }),
        application('broken', { 'lab.temporal-spark/exit-code': '3' }),
      ],
      { failurePolicy: 'Continue' },
    );
    const { unsuccessful } = (await pipelineFailureOf(pipeline.result())).result!;
    expect(unsuccessful).toMatchObject([
      { name: 'slow', reason: 'TimedOut', message: 'Timed out after 1 s.' },
      {
        name: 'mute',
        reason: 'MissingOutput',
        message: expect.stringContaining('Missing declared outputs: rows.') as string,
      },
      { name: 'wrong', reason: 'WrongOutputType', message: 'rows must be int, not "many"' },
      {
        name: 'first',
        reason: 'ExpressionFailed',
        message: expect.stringContaining('`stages.list.outputs.all[0] > 1` fails') as string,
      },
      {
        name: 'talkative',
        reason: 'UnreadableOutput',
        message: expect.stringContaining('is not JSON: "done!"') as string,
      },
      { name: 'broken', reason: 'Error', message: expect.stringContaining('exit code 3') as string },
    ]);
  });
});

describe('a user of a pipeline', () => {
  it('cancels one stage, with its driver; the others continue where the policy allows it', async () => {
    const pipeline = await start([application('endless', RUN_FOREVER), step('other', { ms: 200 })], {
      failurePolicy: 'Continue',
    });
    await eventually('the driver to run', () => driverOf('endless')?.status?.phase === 'Running');
    await expect(pipeline.cancelStage('nobody')).rejects.toMatchObject({
      ...{ name: 'PipelineRequestError', type: 'RequestRefused' },
      message: `${pipeline.workflowId}: unknown stage "nobody"; known: endless, other`,
    });
    await pipeline.cancelStage('endless');
    expect(await endOf(pipeline)).toEqual(['endless: CANCELLED Cancelled', 'other: SUCCEEDED']);
    expect(await isReleased('endless')).toBe(true);
  });

  it('cancels the pipeline: drivers are stopped and released, clean-up runs, the result reports it', async () => {
    const pipeline = await start([
      application('running', RUN_FOREVER),
      step('later', {}, { dependsOn: ['running'] }),
      step('tidy', {}, { always: true }),
    ]);
    await eventually('the driver to run', () => driverOf('running')?.status?.phase === 'Running');
    await pipeline.cancel();
    const failure = await pipelineFailureOf(pipeline.result());
    expect(failure.result).toMatchObject({ state: 'CANCELLED', counts: { CANCELLED: 1, SKIPPED: 1, SUCCEEDED: 1 } });
    const application_ = await env.client.workflow.getHandle(`${pipeline.workflowId}/running`).describe();
    expect(application_.status.name).toBe('CANCELLED');
    expect(await isReleased('running')).toBe(true);
  });
});

describe('a pipeline that continues as new', () => {
  it('keeps its children, outputs, pause and cancel: nothing is lost and nothing runs twice', async () => {
    const chain = Array.from({ length: 8 }, (_, index) =>
      step(
        `s${index}`,
        { ms: 50, result: { n: index } },
        {
          outputs: { n: 'int' },
          ...(index === 0
            ? {}
            : { dependsOn: [`s${index - 1}`], when: `stages.s${index - 1}.outputs.n == ${index - 1}` }),
        },
      ),
    );
    const pipeline = await start(
      [
        step('long', { hold: true, result: { ok: true } }, { outputs: { ok: 'bool' } }),
        application('driver', RUN_FOREVER),
        ...chain,
      ],
      { failurePolicy: 'Continue', outputs: { ok: { type: 'bool', value: true } } },
      { maxHistoryEvents: 20 },
    );
    await eventually('the chain to end', async () => (await pipeline.status()).stages.at(-1)!.state === 'SUCCEEDED');
    const latest = await env.client.workflow.getHandle(pipeline.workflowId).describe();
    expect(latest.runId).not.toBe(pipeline.runId);
    expect(latest.historyLength).toBeLessThan(80);
    expect(drivers.seen.size).toBeGreaterThan(0);
    expect((await env.client.workflow.getHandle(`${pipeline.workflowId}/long`).describe()).status.name).toBe('RUNNING');
    await goOn(env.client.workflow.getHandle(`${pipeline.workflowId}/long`));
    await eventually('long to end', async () => (await pipeline.status()).stages[0]!.state === 'SUCCEEDED');
    await pipeline.cancel();
    const failure = await pipelineFailureOf(pipeline.result());
    expect(failure.result).toMatchObject({ state: 'CANCELLED', counts: { SUCCEEDED: 9, CANCELLED: 1 } });
    expect((await pipeline.status()).stages.map(({ attempts }) => attempts)).toEqual(Array(10).fill(1));
    expect(await runsOf(env.client, pipeline.workflowId)).toEqual(
      Object.fromEntries(Object.keys(await runsOf(env.client, pipeline.workflowId)).map((id) => [id, 1])),
    );
  });
});

function driverOf(stage: string) {
  return [...drivers.seen.values()]
    .filter(({ metadata }) => metadata?.labels?.['temporal-spark/stage'] === stage)
    .at(-1);
}

/** Nothing of ours holds the driver of a stage any more: it is gone, or has lost its finalizer. */
async function isReleased(stage: string): Promise<boolean> {
  const { namespace, name } = driverOf(stage)!.metadata!;
  const pod = await env.kubernetes.get(Resources.pods, namespace, name!);
  return !(pod?.metadata?.finalizers ?? []).includes(DRIVER_FINALIZER);
}
