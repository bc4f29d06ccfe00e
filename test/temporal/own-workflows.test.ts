import { describe, expect, it } from 'vitest';
import type { SparkPipelineResult } from '../../src/protocol/index.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { pipelineOf, step } from '../support/pipelines.ts';
import type { CancelledChild } from '../support/step-workflows.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('own-workflows', { worker: {} });
let last = 0;

/** Starts a workflow of `step-workflows.ts`. */
function start(type: string, ...args: unknown[]) {
  const { client, taskQueue, namespace } = temporal.env;
  return client.workflow.start(type, { taskQueue, workflowId: `own-${(last += 1)}-${namespace}`, args });
}

describe("a user's own workflow", () => {
  it('runs a pipeline with parameters, under its name and run, and gets its outputs', async () => {
    const { namespace, client } = temporal.env;
    const manifest = pipelineOf(
      'sized',
      [step('a')],
      {
        parameters: { size: { type: 'int' } },
        outputs: { doubled: { type: 'int', value: '${{ params.size * 2 }}' } },
      },
      namespace,
    );
    const parent = await start('pipelineParent', manifest, { run: 'one', parameters: { size: 21 } });
    expect(await parent.result()).toMatchObject({ state: 'COMPLETED', run: 'one', outputs: { doubled: 42 } });
    const { memo } = await client.workflow.getHandle(`pipeline/${namespace}/sized/one`).describe();
    expect(memo).toMatchObject({ pipeline: 'sized', run: 'one', stages: 1 });
  });

  it('names the run of a pipeline after the time where it gives no name', async () => {
    const parent = await start('pipelineParent', pipelineOf('timed', [step('a')], {}, temporal.env.namespace));
    expect(((await parent.result()) as SparkPipelineResult).run).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
  });

  it('gets the result of a pipeline that failed as the detail of its failure', async () => {
    const manifest = pipelineOf('failing', [step('a', { fail: 'no luck' })], {}, temporal.env.namespace);
    await expect((await start('pipelineParent', manifest)).result()).rejects.toMatchObject({
      cause: { cause: { type: 'SparkPipelineFailed', details: [{ state: 'FAILED', counts: { FAILED: 1 } }] } },
    });
  });

  it('pauses and resumes a pipeline that it started', async () => {
    const { namespace, spark } = temporal.env;
    const stages = [step('a', { ms: 1 }), step('b', { ms: 1 }, { dependsOn: ['a'] })];
    const parent = await start('pausingParent', pipelineOf('held', stages, {}, namespace));
    const pipeline = spark.pipelines.get({ namespace, name: 'held', run: 'paused' });
    const paused = await eventually('the pipeline to be paused', async () => {
      const status = await pipeline.status().catch(() => undefined);
      return status?.state === 'PAUSED' && status;
    });
    expect(paused.note).toBe('not yet');
    await parent.signal('go');
    expect(await parent.result()).toMatchObject({ state: 'COMPLETED', counts: { SUCCEEDED: 2 } });
  });

  it('cancels an application or a pipeline that it started, and waits for its end', async () => {
    const { namespace, client } = temporal.env;
    const application = sparkPi({ name: 'waiting', namespace });
    application.spec.suspend = true;
    const pipeline = pipelineOf('waiting', [step('a', { hold: true })], {}, namespace);
    for (const manifest of [application, pipeline]) {
      const child = (await (await start('cancellingParent', manifest)).result()) as CancelledChild;
      expect(child.cancelled).toBe(true);
      expect(child.workflowId).toMatch(new RegExp(`^(spark|pipeline)/${namespace}/waiting`));
      expect((await client.workflow.getHandle(child.workflowId, child.runId).describe()).status.name).toBe('CANCELLED');
    }
  });
});
