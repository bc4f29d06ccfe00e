import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SparkPipelineResult } from '../../src/index.ts';
import {
  parseManifests,
  type ScheduledSparkPipeline,
  type SparkPipeline,
  type SparkPipelineSpec,
} from '../../src/manifest/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { root } from '../support/build.ts';
import { connectEnvironment, type Environment, startWorker, type RunningWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { pipelineFailureOf, summaryOf } from '../support/pipelines.ts';

const directory = join(root, 'examples', 'pipelines');
let env: Environment;
let worker: RunningWorker;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'example-pipelines' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  worker = await startWorker(env);
});

afterAll(async () => {
  await worker?.stop();
  await env?.close();
});

/** An example in this test's own namespace, with the ends of its drivers. */
function example<K extends 'SparkPipeline' | 'ScheduledSparkPipeline' = 'SparkPipeline'>(
  name: string,
  annotations: Record<string, string> = {},
): K extends 'SparkPipeline' ? SparkPipeline : ScheduledSparkPipeline {
  const [manifest] = parseManifests(readFileSync(join(directory, `${name}.yaml`), 'utf8'));
  const { metadata, spec } = manifest as SparkPipeline | ScheduledSparkPipeline;
  Object.assign(metadata, { name: `${metadata.name}-${env.namespace.slice(-8)}`, namespace: env.namespace });
  const { templates = {} }: Pick<SparkPipelineSpec, 'templates'> = 'template' in spec ? spec.template : spec;
  for (const template of Object.values(templates)) Object.assign(template.spec.driver, { annotations });
  return manifest as never;
}

async function resultOf(
  manifest: SparkPipeline,
  parameters: Record<string, unknown> = {},
): Promise<SparkPipelineResult> {
  return (await env.spark.pipelines.start(manifest, { parameters })).result();
}

describe('each of the example pipelines runs', () => {
  it('and none is left out here', () => {
    expect(readdirSync(directory).sort()).toEqual([
      'by-partition.yaml',
      'daily-etl.yaml',
      'medallion.yaml',
      'streaming.yaml',
      'train-then-score.yaml',
    ]);
  });

  it('daily ETL, backfilled over two days', async () => {
    const manifest = example<'ScheduledSparkPipeline'>('daily-etl');
    const { scheduleId } = await env.spark.schedules.apply(manifest);
    const days = ['2026-11-18', '2026-11-19'];
    await env.spark.schedules.backfill(scheduleId, { from: days[0]!, to: days[1]! });
    for (const day of days) {
      // 03:00 in Zurich in winter.
      const { name } = manifest.metadata;
      const run = env.spark.pipelines.get({ namespace: env.namespace, name, run: `scheduled-${day}T02:00:00Z` });
      const result = await eventually('the run of the day', () => run.result());
      expect(result.counts).toEqual({ SUCCEEDED: 4 });
      expect((await run.status()).parameters).toMatchObject({ date: day });
    }
    await env.spark.schedules.delete(scheduleId);
  });

  it('medallion', async () => {
    const { counts } = await resultOf(example('medallion'));
    expect(counts).toEqual({ SUCCEEDED: 6 });
  });

  it('fan-out by partition', async () => {
    const pipeline = await env.spark.pipelines.start(example('by-partition'), { parameters: { partitions: 6 } });
    expect((await pipeline.result()).counts).toEqual({ SUCCEEDED: 2 });
    expect((await pipeline.status()).stages[0]!.items).toEqual({ total: 6, running: 0, succeeded: 6, failed: 0 });
  });

  it('train, then score if the model is good', async () => {
    const trained = (accuracy: number) =>
      example('train-then-score', {
        'lab.temporal-spark/termination-message': JSON.stringify({ accuracy, model: 's3a://models/churn/7' }),
      });
    const good = await resultOf(trained(0.93));
    expect(good).toMatchObject({
      outputs: { model: 's3a://models/churn/7' },
      unsuccessful: [{ name: 'report-poor-model', state: 'SKIPPED' }],
    });
    const poor = await resultOf(trained(0.5));
    expect(poor.unsuccessful).toMatchObject([{ name: 'score', state: 'SKIPPED', reason: 'ConditionFalse' }]);
  });

  it('a streaming job that is started again until it is cancelled', async () => {
    const pipeline = await env.spark.pipelines.start(example('streaming', { 'lab.temporal-spark/run-seconds': '0.5' }));
    const stream = `${pipeline.workflowId}/stream`;
    await eventually('a restart', async () => ((await env.spark.describe(stream)).status?.attempts ?? 0) >= 2);
    await pipeline.cancel();
    expect((await pipelineFailureOf(pipeline.result())).result!.state).toBe('CANCELLED');
    expect(summaryOf((await pipeline.status()).stages)).toEqual([
      'create-tables: SUCCEEDED',
      'stream: CANCELLED Cancelled',
      'check-checkpoint: SUCCEEDED',
    ]);
  });
});
