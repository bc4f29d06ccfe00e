import { describe, expect, it } from 'vitest';
import type { SparkPipelineHandle } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../src/manifest/index.ts';
import { eventually } from '../../lab/eventually.ts';
import { childrenOf, goOn, pipelineFailureOf, pipelineOf, runsOf, step, summaryOf } from '../support/pipelines.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('pipelines', {
  worker: {
    activities: { break: async () => Promise.reject(new TypeError('it broke')) },
  },
});
let last = 0;

function start(
  stages: readonly PipelineStage[],
  spec: Partial<SparkPipelineSpec> = {},
  options: { readonly parameters?: Readonly<Record<string, unknown>>; readonly maxHistoryEvents?: number } = {},
): Promise<SparkPipelineHandle> {
  const { spark, namespace } = temporal.env;
  last += 1;
  return spark.pipelines.start(pipelineOf(`p${last}-${namespace}`, stages, spec, namespace), options);
}

async function endOf(pipeline: SparkPipelineHandle): Promise<string[]> {
  await pipeline.result().catch(() => undefined);
  return summaryOf((await pipeline.status()).stages);
}

/** Of the stages a and b, which waits for a: a ends while the pipeline is paused, and b does not start. */
async function startsNothing(paused: SparkPipelineHandle): Promise<void> {
  await goOn(temporal.env.client.workflow.getHandle(`${paused.workflowId}/a`));
  const status = await eventually('a to end', async () => {
    const seen = await paused.status();
    return seen.stages[0]!.state === 'SUCCEEDED' && seen;
  });
  expect(status).toMatchObject({ state: 'PAUSED', note: 'the warehouse is down' });
  expect(summaryOf(status.stages)).toEqual(['a: SUCCEEDED', 'b: PENDING']);
}

describe('a pipeline', () => {
  it('runs each item of a fan-out, no more at once than it may, and gives their outputs as lists', async () => {
    const pipeline = await start(
      [
        step(
          'parts',
          { ms: 150, result: { part: '${{ item }}-${{ index }}' } },
          {
            forEach: { items: '${{ params.names }}', maxConcurrent: 2 },
            outputs: { part: 'string' },
          },
        ),
        step(
          'numbers',
          { result: { square: '${{ item * item }}' } },
          {
            forEach: { range: { from: 2, to: 6, step: 2 } },
            outputs: { square: 'int' },
          },
        ),
        step('nothing', {}, { forEach: { items: [] } }),
      ],
      {
        parameters: { names: { type: 'list<string>', default: ['a', 'b', 'c', 'd', 'e'] } },
        outputs: {
          parts: { type: 'list<string>', value: '${{ stages.parts.outputs.part }}' },
          squares: { type: 'list<int>', value: '${{ stages.numbers.outputs.square }}' },
        },
      },
    );
    const { outputs } = await pipeline.result();
    expect(outputs).toEqual({ parts: ['a-0', 'b-1', 'c-2', 'd-3', 'e-4'], squares: [4, 16, 36] });
    expect(await mostAtOnce(`${pipeline.workflowId}/parts/`)).toBe(2);
  });

  it('numbers the items of a fan-out so that they sort, also where it continues as new among them', async () => {
    const semaphore = { name: `sorted-${temporal.env.namespace}`, limit: 3 };
    const pipeline = await start(
      [
        step(
          'each',
          { result: { n: '${{ item }}' } },
          { forEach: { range: { to: 10 } }, semaphore, outputs: { n: 'int' } },
        ),
      ],
      { outputs: { each: { type: 'list<int>', value: '${{ stages.each.outputs.n }}' } } },
      { maxHistoryEvents: 20 },
    );
    const { outputs } = await pipeline.result();
    const numbers = Array.from({ length: 11 }, (_, index) => index);
    expect(outputs).toEqual({ each: numbers });
    const latest = await temporal.env.client.workflow.getHandle(pipeline.workflowId).describe();
    expect(latest.runId).not.toBe(pipeline.runId);
    const ids = numbers.map((n) => `${pipeline.workflowId}/each/${n < 10 ? '0' : ''}${n}`);
    expect(await runsOf(temporal.env.client, pipeline.workflowId)).toEqual(
      Object.fromEntries(ids.map((id) => [id, 1])),
    );
  });

  it('skips what a condition excludes, and what needs a stage that was skipped', async () => {
    const pipeline = await start([
      step('train', { result: { accuracy: 0.7 } }, { outputs: { accuracy: 'double' } }),
      step('score', {}, { dependsOn: ['train'], when: 'stages.train.outputs.accuracy > 0.8' }),
      step('publish', {}, { dependsOn: ['score'] }),
      step('report', {}, { dependsOn: [{ stage: 'publish', condition: 'completed' }] }),
      step('alert', {}, { dependsOn: [{ stage: 'train', condition: 'failed' }] }),
    ]);
    expect((await pipeline.result()).state).toBe('COMPLETED');
    expect(await endOf(pipeline)).toEqual([
      'train: SUCCEEDED',
      'score: SKIPPED ConditionFalse',
      'publish: SKIPPED DependencyNotMet',
      'report: SUCCEEDED',
      'alert: SKIPPED DependencyNotMet',
    ]);
  });

  it('takes parameters, and starts nothing where one is wrong', async () => {
    const parameters = { day: { type: 'string' }, size: { type: 'int', default: 2 } } as const;
    const outputs = { text: { type: 'string', value: '${{ params.day }}/${{ params.size }}' } } as const;
    const pipeline = await start([step('a')], { parameters, outputs }, { parameters: { day: 'monday' } });
    expect((await pipeline.result()).outputs).toEqual({ text: 'monday/2' });
    await expect(start([step('a')], { parameters }, { parameters: { size: 'big', sice: 1 } })).rejects.toThrow(
      'The parameter day (string) is required.\nThe parameter size must be of type int, not "big".\nUnknown parameter sice; known: day, size.',
    );
  });

  it('that another client starts with a manifest that is wrong fails with every problem of it', async () => {
    const manifest = pipelineOf('raw', [step('a', {}, { dependsOn: ['b'] }), step('c', {}, { when: 'nobody' })]);
    const handle = await temporal.env.client.workflow.start('sparkPipeline', {
      taskQueue: temporal.env.taskQueue,
      workflowId: `pipeline/raw/${temporal.env.namespace}`,
      args: [manifest],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        type: 'InvalidManifest',
        message: expect.stringMatching(/is not a stage[^]*nobody, which is not available here/) as string,
      },
    });
  });
});

describe('a pipeline that cannot start', () => {
  const asIs = (manifest: object, options: object = {}) =>
    temporal.env.client.workflow.execute('sparkPipeline', {
      taskQueue: temporal.env.taskQueue,
      workflowId: `pipeline/raw-${(last += 1)}-${temporal.env.namespace}/x`,
      args: [manifest, options],
    });

  it('fails for any argument, and is not retried', async () => {
    const good = pipelineOf('raw', [step('a')], {}, temporal.env.namespace);
    const day = { type: 'int', default: '${{ int(run.id) }}' } as const;
    const unreadable: [object, object, string][] = [
      [{}, {}, 'InvalidManifest'],
      [{ ...good, spec: { stages: [{ name: 'a' }, { name: 'b', dependsOn: 'a' }] } }, {}, 'InvalidManifest'],
      [good, { scheduleTime: 'yesterday' }, 'InvalidManifest'],
      [{ ...good, spec: { ...good.spec, parameters: { day } } }, {}, 'InvalidParameters'],
    ];
    for (const [manifest, options, type] of unreadable) {
      await expect(asIs(manifest, options)).rejects.toMatchObject({ cause: { type, nonRetryable: true } });
    }
  });
});

describe('a stage that fails', () => {
  const failing = (policy: SparkPipelineSpec['failurePolicy']) =>
    start(
      [
        step('slow', { hold: true }),
        step('bad', { ms: 300, fail: 'no luck' }),
        step('after-slow', {}, { dependsOn: ['slow'] }),
        step('after-bad', {}, { dependsOn: ['bad'] }),
        step('handler', {}, { dependsOn: [{ stage: 'bad', condition: 'failed' }] }),
        step('ticket', {}, { dependsOn: ['handler'] }),
        step('clean-up', {}, { always: true }),
      ],
      policy === undefined ? {} : { failurePolicy: policy },
    );

  const go = async (pipeline: SparkPipelineHandle) => {
    await eventually('the failure', async () => (await pipeline.status()).stages[1]!.state === 'FAILED');
    await goOn(temporal.env.client.workflow.getHandle(`${pipeline.workflowId}/slow`));
  };

  it('by default waits for running stages and starts only clean-up stages and those that wait for the failure', async () => {
    const pipeline = await failing(undefined);
    await go(pipeline);
    const failure = await pipelineFailureOf(pipeline.result());
    expect(failure.message).toContain('bad (no luck (StepFailed))');
    expect(failure.result).toMatchObject({ state: 'FAILED', counts: { SUCCEEDED: 4, FAILED: 1, SKIPPED: 2 } });
    expect(await endOf(pipeline)).toEqual([
      'slow: SUCCEEDED',
      'bad: FAILED StepFailed',
      'after-slow: SKIPPED PipelineStopped',
      'after-bad: SKIPPED PipelineStopped',
      'handler: SUCCEEDED',
      'ticket: SUCCEEDED',
      'clean-up: SUCCEEDED',
    ]);
  });

  it('cancels running stages with FailFast', async () => {
    const pipeline = await failing('FailFast');
    expect(await endOf(pipeline)).toEqual([
      'slow: CANCELLED Cancelled',
      'bad: FAILED StepFailed',
      'after-slow: SKIPPED PipelineStopped',
      'after-bad: SKIPPED PipelineStopped',
      'handler: SUCCEEDED',
      'ticket: SUCCEEDED',
      'clean-up: SUCCEEDED',
    ]);
  });

  it('stops only what needs it with Continue', async () => {
    const pipeline = await failing('Continue');
    await go(pipeline);
    expect((await pipelineFailureOf(pipeline.result())).result!.unsuccessful).toEqual([
      { name: 'bad', state: 'FAILED', reason: 'StepFailed', message: 'no luck' },
      { name: 'after-bad', state: 'SKIPPED', reason: 'DependencyNotMet', message: 'bad has not succeeded' },
    ]);
    expect((await endOf(pipeline))[2]).toBe('after-slow: SUCCEEDED');
  });

  it('is tried again as often as it may be, and may be allowed to fail', async () => {
    const pipeline = await start([
      {
        name: 'flaky',
        activity: { type: 'break' },
        retry: { maxAttempts: 3, intervalSeconds: 1, backoffCoefficient: 1 },
        allowFailure: true,
      },
      step('after', {}, { dependsOn: [{ stage: 'flaky', condition: 'completed' }] }),
    ]);
    expect((await pipeline.result()).state).toBe('COMPLETED');
    expect((await pipeline.status()).stages[0]).toMatchObject({
      state: 'FAILED',
      reason: 'TypeError',
      message: 'it broke',
      attempts: 3,
    });
  });
});

describe('a user of a pipeline', () => {
  it('pauses and resumes it: nothing starts in between', async () => {
    const pipeline = await start([step('a', { hold: true }), step('b', {}, { dependsOn: ['a'] })]);
    await eventually('a to run', async () => (await pipeline.status()).stages[0]!.attempts === 1);
    await pipeline.pause('the warehouse is down');
    await startsNothing(pipeline);
    await pipeline.resume();
    expect((await pipeline.result()).counts).toEqual({ SUCCEEDED: 2 });
  });

  it('pauses the pipelines that are stages of it, too', async () => {
    const inner: PipelineStage = {
      name: 'inner',
      pipeline: { stages: [step('a', { hold: true }), step('b', {}, { dependsOn: ['a'] })] },
    };
    const pipeline = await start([{ name: 'outer', pipeline: { stages: [inner] } }, step('other')]);
    const nested = temporal.env.spark.pipelines.get(`${pipeline.workflowId}/outer/inner`);
    await eventually('a to run', async () => (await nested.status().catch(() => undefined))?.stages[0]!.attempts === 1);
    await pipeline.pause('the warehouse is down');
    const isPaused = async () => (await nested.status()).state === 'PAUSED';
    await eventually('the innermost to be paused', isPaused);
    await startsNothing(nested);
    await pipeline.resume();
    expect((await pipeline.result()).counts).toEqual({ SUCCEEDED: 2 });
  });

  it('cancels one stage whose try has just timed out: no other try starts', async () => {
    const slow = step(
      'slow',
      { deaf: true, hold: true, fail: 'late' },
      { timeoutSeconds: 1, retry: { maxAttempts: 5 } },
    );
    const pipeline = await start([slow]);
    const child = temporal.env.client.workflow.getHandle(`${pipeline.workflowId}/slow`);
    await eventually('the try to take too long', async () => {
      const { events = [] } = await child.fetchHistory().catch(() => ({ events: [] }));
      return events!.some((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
    });
    await pipeline.cancelStage('slow');
    await goOn(child);
    expect(await endOf(pipeline)).toEqual(['slow: CANCELLED Cancelled']);
    expect((await pipeline.status()).stages[0]!.attempts).toBe(1);
  });

  it('runs it again from where it failed: what succeeded is kept, with its outputs', async () => {
    const stages = (fail?: string) => [
      step('extract', { result: { rows: 5 } }, { outputs: { rows: 'int' } }),
      step('load', fail === undefined ? {} : { fail }, {
        dependsOn: ['extract'],
        when: 'stages.extract.outputs.rows == 5',
      }),
      step('tidy', {}, { always: true }),
    ];
    const first = await start(stages('no luck'));
    await pipelineFailureOf(first.result());
    const second = await temporal.env.spark.pipelines.rerun(first.workflowId);
    await pipelineFailureOf(second.result());
    expect((await second.status()).stages).toMatchObject([
      { name: 'extract', state: 'SUCCEEDED', kept: true, outputs: { rows: 5 } },
      { name: 'load', state: 'FAILED', attempts: 1 },
      { name: 'tidy', state: 'SUCCEEDED' },
    ]);
    await expect(temporal.env.client.workflow.getHandle(`${second.workflowId}/extract`).describe()).rejects.toThrow();
    const third = await temporal.env.spark.pipelines.rerun(first.workflowId, { from: ['extract'] });
    await pipelineFailureOf(third.result());
    expect((await third.status()).stages[0]!.kept).toBeUndefined();
  });

  it('may start the same run twice: the second is refused, or attached to', async () => {
    const manifest = pipelineOf(`named-${temporal.env.namespace}`, [step('a', { hold: true })]);
    const first = await temporal.env.spark.pipelines.start(manifest, { run: '2026-11-20' });
    expect(first.workflowId).toBe(`pipeline/default/named-${temporal.env.namespace}/2026-11-20`);
    await expect(temporal.env.spark.pipelines.start(manifest, { run: '2026-11-20' })).rejects.toThrow('already');
    const again = await temporal.env.spark.pipelines.start(manifest, { run: '2026-11-20', conflict: 'USE_EXISTING' });
    expect(again.runId).toBe(first.runId);
    await first.cancel();
    await pipelineFailureOf(first.result());
  });
});

describe('a semaphore', () => {
  it('holds over all pipelines, and outlives none of them', async () => {
    const semaphore = { name: `warehouse-${temporal.env.namespace}`, limit: 2 };
    const many = () => start([step('use', { ms: 200 }, { forEach: { range: { from: 1, to: 3 } }, semaphore })]);
    const pipelines = await Promise.all([many(), many()]);
    await Promise.all(pipelines.map((pipeline) => pipeline.result()));
    expect(await mostAtOnce(...pipelines.map(({ workflowId }) => `${workflowId}/use/`))).toBe(2);
    const { status } = await eventually('the semaphore to end', async () => {
      const description = await temporal.env.client.workflow.getHandle(`semaphore/${semaphore.name}`).describe();
      return description.status.name !== 'RUNNING' && description;
    });
    expect(status.name).toBe('COMPLETED');
  });
});

interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** How many of the workflows whose ids begin so were open at the same time, at most. */
async function mostAtOnce(...prefixes: string[]): Promise<number> {
  const intervals: Interval[] = [];
  for (const prefix of prefixes) {
    for (const { startTime, closeTime } of await childrenOf(temporal.env.client, prefix)) {
      intervals.push({ begin: startTime.getTime(), end: closeTime!.getTime() });
    }
  }
  return Math.max(
    ...intervals.map(({ begin }) => intervals.filter((other) => other.begin <= begin && begin < other.end).length),
  );
}
