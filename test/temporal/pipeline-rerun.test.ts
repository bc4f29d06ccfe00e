import { ApplicationFailure } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { PipelineRerunError } from '../../src/index.ts';
import type { PipelineStage } from '../../src/manifest/index.ts';
import { cli } from '../support/cli.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import { goOn, pipelineFailureOf, pipelineOf, step } from '../support/pipelines.ts';

/** What the activity `load` was asked for, and which parts it rejects. */
const loads = { calls: [] as number[], broken: new Set<number>() };
const temporal = useTemporal('rerun', {
  worker: {
    activities: {
      load: async (part: number) => {
        loads.calls.push(part);
        if (loads.broken.has(part)) throw ApplicationFailure.nonRetryable(`part ${part} is broken`);
        return { rows: part * 10 };
      },
    },
  },
});

it("a day is one of the schedule's zone, in a nested pipeline and when it is run again", async () => {
  const { env } = temporal;
  const date = { date: 'string' } as const;
  const day = (name: string): PipelineStage =>
    step(name, { result: { date: '${{ schedule.date }}' } }, { outputs: date });
  const nested: PipelineStage = {
    name: 'nested',
    pipeline: {
      stages: [day('inner')],
      outputs: { date: { type: 'string', value: '${{ stages.inner.outputs.date }}' } },
    },
  };
  const bad = step('bad', { fail: 'no luck' }, { dependsOn: ['own', 'nested'] });
  const manifest = pipelineOf(`zone-${env.namespace}`, [day('own'), nested, bad], {}, env.namespace);
  const history = { schedule: 'nightly', successful: 2 };
  const options = { scheduleTime: '2026-08-01T22:30:00Z', timeZone: 'Europe/Zurich', history };
  const first = await env.spark.pipelines.start(manifest, options);
  await pipelineFailureOf(first.result());
  const again = await env.spark.pipelines.rerun(first.workflowId, { from: ['own', 'nested'] });
  await pipelineFailureOf(again.result());
  for (const run of [first, again]) {
    const { stages, ...status } = await run.status();
    expect(status).toMatchObject(options);
    expect(stages).toMatchObject([
      { name: 'own', state: 'SUCCEEDED', outputs: { date: '2026-08-02' } },
      { name: 'nested', state: 'SUCCEEDED', outputs: { date: '2026-08-02' } },
      { name: 'bad', state: 'FAILED' },
    ]);
    expect(stages[0]!.kept).toBeUndefined();
  }
});

it('a run is not run again while it runs, without such a stage, or with nothing left to do', async () => {
  const { env } = temporal;
  const { pipelines } = env.spark;
  const manifest = pipelineOf(`twice-${env.namespace}`, [
    step('a', { hold: true }),
    step('b', {}, { dependsOn: ['a'] }),
  ]);
  const run = await pipelines.start(manifest);
  const rerun = (from?: string[]) => pipelines.rerun(run.workflowId, from === undefined ? {} : { from });
  const at = { env: { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue } };
  await expect(rerun()).rejects.toThrow(
    `Cannot run ${run.workflowId} again while it is running; cancel it, or wait for its end.`,
  );
  expect(await cli(['pipeline', 'rerun', run.workflowId], at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('while it is running') as string,
  });
  await goOn(env.client.workflow.getHandle(`${run.workflowId}/a`));
  await run.result();
  // A query that a busy worker does not answer in time is not a refusal.
  const refusalOf = (from?: string[]) =>
    eventually('the refusal', async () => {
      const answer = await rerun(from).catch((error: unknown) => error);
      if (answer instanceof PipelineRerunError) return answer.message;
      throw answer as Error;
    });
  expect(await refusalOf()).toContain('all its stages have completed');
  expect(await refusalOf(['c'])).toBe(`Cannot run ${run.workflowId} again from c: unknown stage; known: a, b.`);
  const again = await eventually('another run', () => rerun(['b']));
  expect((await again.result()).counts).toEqual({ SUCCEEDED: 2 });
  expect((await again.status()).stages.map(({ kept }) => kept)).toEqual([true, undefined]);
});

it('only the items of a fan-out that did not succeed are done again', async () => {
  const { env } = temporal;
  const { pipelines } = env.spark;
  const { calls } = loads;
  const stages: PipelineStage[] = [
    step('list', { result: { parts: [0, 1, 2, 3, 4] } }, { outputs: { parts: 'list<int>' } }),
    {
      name: 'load',
      dependsOn: ['list'],
      activity: { type: 'load', args: ['${{ item }}'] },
      forEach: { items: '${{ stages.list.outputs.parts }}' },
      outputs: { rows: 'int' },
    },
    step(
      'sum',
      { result: { rows: '${{ stages.load.outputs.rows }}' } },
      { dependsOn: ['load'], outputs: { rows: 'list<int>' } },
    ),
  ];
  const outputs = { rows: { type: 'list<int>', value: '${{ stages.sum.outputs.rows }}' } } as const;
  const manifest = pipelineOf(
    `items-${env.namespace}`,
    stages,
    { outputs, failurePolicy: 'FinishRunning' },
    env.namespace,
  );
  loads.broken = new Set([1, 3]);
  // It continues as new while items run and after the stage has ended: what is done goes with it.
  const options = { maxHistoryEvents: 20 };
  const first = await pipelines.start(manifest, options);
  await pipelineFailureOf(first.result());
  const done = { total: 5, outputs: { 0: { rows: 0 }, 2: { rows: 20 }, 4: { rows: 40 } } };
  expect((await first.status()).stages[1]).toMatchObject({
    state: 'FAILED',
    items: { succeeded: 3, failed: 2 },
    done,
  });

  calls.length = 0;
  loads.broken = new Set([3]);
  const second = await pipelines.rerun(first.workflowId, options);
  await pipelineFailureOf(second.result());
  expect(calls.toSorted()).toEqual([1, 3]);

  calls.length = 0;
  loads.broken = new Set();
  const third = await pipelines.rerun(second.workflowId, options);
  expect((await third.result()).outputs).toEqual({ rows: [0, 10, 20, 30, 40] });
  expect(calls).toEqual([3]);
  expect((await third.status()).stages[1]).not.toHaveProperty('done');

  // What its items come from is done again, and so are all of them.
  calls.length = 0;
  const whole = await pipelines.rerun(second.workflowId, { from: ['list'] });
  await whole.result();
  expect(calls.toSorted()).toEqual([0, 1, 2, 3, 4]);
  calls.length = 0;
  await (await pipelines.rerun(second.workflowId, { from: ['load'] })).result();
  expect(calls.toSorted()).toEqual([0, 1, 2, 3, 4]);
});
