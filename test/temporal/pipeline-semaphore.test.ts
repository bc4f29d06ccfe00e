import { describe, expect, it } from 'vitest';
import type { SparkPipelineHandle } from '../../src/index.ts';
import type { PipelineStage } from '../../src/manifest/index.ts';
import type { SemaphoreStatus } from '../../src/protocol/index.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import { childrenOf, goOn, pipelineFailureOf, pipelineOf, step, summaryOf } from '../support/pipelines.ts';
import { FAST } from '../support/timings.ts';

const temporal = useTemporal('semaphore', {
  worker: { timings: { ...FAST, semaphoreRepeatMs: 200, semaphoreRepeatAtMostMs: 1_000 } },
});
let last = 0;

function start(...stages: readonly PipelineStage[]): Promise<SparkPipelineHandle> {
  const { spark, namespace } = temporal.env;
  last += 1;
  return spark.pipelines.start(pipelineOf(`s${last}-${namespace}`, stages, {}, namespace));
}

const child = (pipeline: SparkPipelineHandle, stage: string) =>
  temporal.env.client.workflow.getHandle(`${pipeline.workflowId}/${stage}`);

async function stageThat(pipeline: SparkPipelineHandle, what: string, index = 0) {
  return eventually(`stage ${index} to be ${what}`, async () => {
    const stage = (await pipeline.status()).stages[index]!;
    return (stage.waitingFor ?? stage.state) === what && stage;
  });
}

/** Another semaphore for each test. */
const semaphoreOf = (test: string) => ({ name: `${test}-${temporal.env.namespace}`, limit: 1 });

async function untilRunning(pipeline: SparkPipelineHandle, stage: string): Promise<void> {
  await eventually(`${stage} to run`, async () => (await child(pipeline, stage).describe()).status.name === 'RUNNING');
}

describe('a pipeline that is paused', () => {
  it('tries nothing again until it is resumed', async () => {
    const retry = { maxAttempts: 2, intervalSeconds: 1 };
    const pipeline = await start(step('flaky', { hold: true, fail: 'no luck' }, { retry }));
    await untilRunning(pipeline, 'flaky');
    await pipeline.pause();
    await goOn(child(pipeline, 'flaky'));
    await stageThat(pipeline, 'its next try');
    // Whatever takes longer than the interval.
    const { workflow } = temporal.env.client;
    const { taskQueue, namespace } = temporal.env;
    await workflow.execute('step', { taskQueue, workflowId: `wait-${namespace}`, args: [{ ms: 3_000 }] });
    expect(await stageThat(pipeline, 'its next try')).toMatchObject({ attempts: 1 });
    await pipeline.resume();
    await eventually('the second try', async () => (await pipeline.status()).stages[0]!.attempts === 2);
    await untilRunning(pipeline, 'flaky');
    await goOn(child(pipeline, 'flaky'));
    await pipelineFailureOf(pipeline.result());
  });

  it('releases its place in the queue of a semaphore, and waits again after the resume', async () => {
    const semaphore = semaphoreOf('paused');
    const use = (hold: boolean) => start(step('use', { hold }, { semaphore }));
    const first = await use(true);
    await untilRunning(first, 'use');
    const second = await use(false);
    await stageThat(second, 'its semaphore');
    const handle = temporal.env.client.workflow.getHandle(`semaphore/${semaphore.name}`);
    const waiting = async () => (await handle.query<SemaphoreStatus>('status')).waiting.length;
    await eventually('it to wait', async () => (await waiting()) === 1);
    await second.pause();
    await eventually('it to wait no more', async () => (await waiting()) === 0);
    const third = await use(false);
    await goOn(child(first, 'use'));
    expect((await third.result()).counts).toEqual({ SUCCEEDED: 1 });
    await first.result();
    expect((await second.status()).stages[0]!.attempts).toBeUndefined();
    await second.resume();
    expect((await second.result()).counts).toEqual({ SUCCEEDED: 1 });
  });
});

it('a failure that stops a pipeline starts no more tries, nor what waits for a semaphore', async () => {
  const semaphore = semaphoreOf('stopped');
  const holder = await start(step('use', { hold: true }, { semaphore }));
  await untilRunning(holder, 'use');
  const retry = { maxAttempts: 2, intervalSeconds: 86_400, maxIntervalSeconds: 86_400 };
  const pipeline = await start(
    step('again', { fail: 'no luck' }, { retry }),
    step('queued', {}, { semaphore }),
    step('bad', { hold: true, fail: 'no luck either' }),
  );
  await stageThat(pipeline, 'its next try', 0);
  await stageThat(pipeline, 'its semaphore', 1);
  await untilRunning(pipeline, 'bad');
  await goOn(child(pipeline, 'bad'));
  await pipelineFailureOf(pipeline.result());
  const { stages } = await pipeline.status();
  expect(summaryOf(stages)).toEqual([
    'again: FAILED StepFailed',
    'queued: CANCELLED PipelineStopped',
    'bad: FAILED StepFailed',
  ]);
  expect(stages[0]).toMatchObject({ attempts: 1, message: 'no luck' });
  await goOn(child(holder, 'use'));
  await holder.result();
});

describe('a place of a semaphore', () => {
  it('is taken back from a pipeline that was terminated with its stage', async () => {
    const semaphore = semaphoreOf('terminated');
    const first = await start(step('use', { hold: true }, { semaphore }));
    await untilRunning(first, 'use');
    const second = await start(step('use', {}, { semaphore }));
    await temporal.env.client.workflow.getHandle(first.workflowId).terminate();
    await child(first, 'use').terminate();
    expect((await second.result()).counts).toEqual({ SUCCEEDED: 1 });
  });

  it('is released by a pipeline that no longer needs it, such as one that was reset', async () => {
    const semaphore = semaphoreOf('unwanted');
    const reset = await start(step('busy', { hold: true }));
    await untilRunning(reset, 'busy');
    await temporal.env.client.workflow.signalWithStart('sparkSemaphore', {
      workflowId: `semaphore/${semaphore.name}`,
      taskQueue: temporal.env.taskQueue,
      args: [semaphore.name],
      signal: 'acquire',
      signalArgs: [{ limit: 1, holder: `${reset.workflowId}/use`, requester: reset.workflowId }],
    });
    const second = await start(step('use', {}, { semaphore }));
    expect((await second.result()).counts).toEqual({ SUCCEEDED: 1 });
    await goOn(child(reset, 'busy'));
    await reset.result();
  });
});

describe('a semaphore that is terminated', () => {
  /** How many of the stages ran at once, at most. */
  async function mostAtOnce(pipeline: SparkPipelineHandle, names: readonly string[]): Promise<number> {
    const children = await childrenOf(temporal.env.client, `${pipeline.workflowId}/`);
    const stages = children.filter(({ workflowId }) => names.includes(workflowId.split('/').at(-1)!));
    expect(stages).toHaveLength(names.length);
    const running = ({ startTime }: { startTime: Date }) =>
      stages.filter((other) => other.startTime <= startTime && other.closeTime! > startTime).length;
    return Math.max(...stages.map(running));
  }

  const handleOf = ({ name }: { readonly name: string }) => temporal.env.client.workflow.getHandle(`semaphore/${name}`);

  /** Until its next run, which the stages start, knows so many. */
  async function untilStartedAgain(semaphore: { readonly name: string }, holders: number, waiting: number) {
    await eventually('the stages to have asked it again', async () => {
      const { status } = await handleOf(semaphore).describe();
      if (status.name !== 'RUNNING') return false;
      const known = await handleOf(semaphore).query<SemaphoreStatus>('status');
      return known.holders.length === holders && known.waiting.length === waiting;
    });
  }

  it('strands no stage that waits, and never has more than the limit run', async () => {
    const semaphore = { ...semaphoreOf('lost'), limit: 2 };
    const long = ['a', 'b'].map((name) => step(name, { hold: true }, { semaphore }));
    const short = ['c', 'd', 'e', 'f'].map((name) => step(name, {}, { semaphore, dependsOn: ['first'] }));
    const pipeline = await start(step('first', { hold: true }), ...long, ...short);
    for (const name of ['a', 'b']) await untilRunning(pipeline, name);
    await goOn(child(pipeline, 'first'));
    await untilStartedAgain(semaphore, 2, 4);
    for (let time = 0; time < 2; time += 1) {
      await handleOf(semaphore).terminate();
      await untilStartedAgain(semaphore, 2, 4);
    }
    for (const name of ['a', 'b']) await goOn(child(pipeline, name));
    expect((await pipeline.result()).counts).toEqual({ SUCCEEDED: 7 });
    expect(await mostAtOnce(pipeline, ['a', 'b', 'c', 'd', 'e', 'f'])).toBe(2);
  });

  it('has the place of a stage that ended meanwhile for the next one', async () => {
    const semaphore = semaphoreOf('lost-release');
    const first = await start(step('use', { hold: true }, { semaphore }));
    await untilRunning(first, 'use');
    await handleOf(semaphore).terminate();
    await goOn(child(first, 'use'));
    await first.result();
    const second = await start(step('use', {}, { semaphore }));
    expect((await second.result()).counts).toEqual({ SUCCEEDED: 1 });
    await eventually('it to end', async () => (await handleOf(semaphore).describe()).status.name === 'COMPLETED');
  });
});
