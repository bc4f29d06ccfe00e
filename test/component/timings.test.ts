import { afterEach, describe, expect, it } from 'vitest';
import { pipelineOf, step } from '../support/pipelines.ts';
import { application, ends, isFinalized, isSubmitted, runs, startApplication } from '../support/stepped-application.ts';
import { completes, signals, SteppedWorkflow } from '../support/stepped-workflow.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

/** After how many milliseconds the timer that is set fires. */
function nextTimer(): number {
  return Math.min(...workflow.timers.values()) - workflow.now;
}

describe('an application', () => {
  const driver = { driverPodName: 'stepped-driver', driverPodUid: 'uid', sparkApplicationId: 'spark-1' };
  const defaults = { heartbeatMs: 30 * SECOND, retryMs: [SECOND, 30 * SECOND] };

  it('uses the defaults unless the answer of its worker has other timings', async () => {
    workflow = await startApplication();
    expect(workflow.pending('submitSparkApplication')).toMatchObject(defaults);
    await workflow.task(isSubmitted);
    expect(workflow.pending('waitForSparkDriver')).toMatchObject(defaults);
  });

  it('uses the timings of the worker that submitted it, until another submits it', async () => {
    const manifest = { restartPolicy: { type: 'Always' as const, onFailureRetryInterval: 1 } };
    workflow = await startApplication(application(manifest));
    const timings = { heartbeatTimeoutMs: 3 * SECOND, retryMs: 100, retryAtMostMs: 3 * SECOND };
    const fast = { heartbeatMs: 3 * SECOND, retryMs: [100, 3 * SECOND] };
    await workflow.task(completes('submitSparkApplication', { ...driver, timings }));
    expect(workflow.pending('waitForSparkDriver')).toMatchObject(fast);
    await workflow.task(runs);
    await workflow.task(ends(0));
    expect(workflow.pending('finalizeSparkApplication')).toMatchObject({ retryMs: fast.retryMs });
    await workflow.task(isFinalized);
    await workflow.passes(MINUTE);
    expect(workflow.pending('submitSparkApplication')).toMatchObject(fast);
    await workflow.task(isSubmitted);
    expect(workflow.pending('waitForSparkDriver')).toMatchObject(defaults);
  });

  it('that waits for admission asks again after 10 minutes, then at intervals that double, up to an hour', async () => {
    expect(await requestsForAdmission({})).toEqual([10, 20, 40, 60, 60].map((minutes) => minutes * MINUTE));
  });

  it('asks again at the intervals of its worker', async () => {
    const timings = { admissionRepeatMs: MINUTE, admissionRepeatAtMostMs: 3 * MINUTE };
    expect(await requestsForAdmission({ timings })).toEqual([1, 2, 3, 3, 3].map((minutes) => minutes * MINUTE));
  });

  async function requestsForAdmission(carried: object): Promise<number[]> {
    workflow = await startApplication();
    const needed = { queue: 'pool', limits: {}, priority: 0, requests: { cpu: 1, memory: 1 } };
    await workflow.task(completes('submitSparkApplication', { ...needed, ...carried }));
    const intervals: number[] = [];
    for (let request = 0; request < 5; request += 1) {
      await workflow.task(completes('requestAdmission'));
      intervals.push(nextTimer());
      await workflow.passes(intervals.at(-1)!);
    }
    return intervals;
  }

  it('for which no cluster is reachable waits up to 20 s before it chooses another', async () => {
    expect(await choicesOfCluster({})).toEqual([2, 4, 8, 16, 20, 20].map((seconds) => seconds * SECOND));
  });

  it('waits no longer than the timings of its worker allow', async () => {
    const timings = { clusterRetryAtMostMs: 3 * SECOND };
    expect(await choicesOfCluster({ timings })).toEqual([2, 3, 3, 3, 3, 3].map((seconds) => seconds * SECOND));
  });

  async function choicesOfCluster(carried: object): Promise<number[]> {
    workflow = await startApplication();
    const isUnreachable = completes('submitSparkApplication', { unreachable: 'west', message: 'down', ...carried });
    await workflow.task(isUnreachable);
    const intervals: number[] = [];
    for (let choice = 0; choice < 6; choice += 1) {
      await workflow.task(isUnreachable);
      intervals.push(nextTimer());
      await workflow.passes(intervals.at(-1)!);
    }
    return intervals;
  }
});

describe('the queue of a pool', () => {
  const asks = (holder: string) =>
    signals(
      'ask',
      {
        ...{ holder, workflowId: holder, runId: holder, namespace: 'default', priority: 0 },
        ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
      },
      { maxApplications: 1 },
    );

  it('checks the admitted applications and the limits every 30 s while others wait', async () => {
    workflow = await SteppedWorkflow.start({
      type: 'sparkAdmission',
      args: ['pool'],
      events: [asks('one'), asks('two')],
    });
    expect(nextTimer()).toBeCloseTo(30 * SECOND, -2);
  });

  it('checks at the interval that it was started with, also after it continued as new', async () => {
    const begin = { limits: { maxApplications: 1 }, admitted: [], waiting: [], timings: { admissionReviewMs: 3_000 } };
    workflow = await SteppedWorkflow.start({
      type: 'sparkAdmission',
      args: ['pool', begin],
      events: [asks('one'), asks('two')],
    });
    expect(nextTimer()).toBeCloseTo(3 * SECOND, -2);
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(asks('three'));
    expect(workflow.end).toMatchObject({ kind: 'continued', args: ['pool', { timings: begin.timings }] });
  });
});

describe('a semaphore', () => {
  const acquire = (holder: string) => signals('acquire', { limit: 1, holder, requester: holder });

  async function checks(...begin: unknown[]): Promise<number[]> {
    workflow = await SteppedWorkflow.start({
      type: 'sparkSemaphore',
      args: ['tables', ...begin],
      events: [acquire('one'), acquire('two')],
    });
    const intervals: number[] = [];
    for (let check = 0; check < 6; check += 1) {
      intervals.push(nextTimer());
      await workflow.passes(intervals.at(-1)!);
      await workflow.task(completes('closedWorkflows', []));
    }
    return intervals;
  }

  it('checks its holders after 5 s, then at intervals that double, up to a minute', async () => {
    expect(await checks()).toEqual([5, 10, 20, 40, 60, 60].map((seconds) => seconds * SECOND));
  });

  it('checks them at the intervals that it was started with, also after it continued as new', async () => {
    const timings = { semaphoreCheckMs: 500, semaphoreCheckAtMostMs: 1_500 };
    expect(await checks({ limit: 1, holders: [], waiting: [], timings })).toEqual([500, 1000, 1500, 1500, 1500, 1500]);
    workflow.isContinueAsNewSuggested = true;
    await workflow.passes(2_000);
    await workflow.task(completes('closedWorkflows', []));
    expect(workflow.end).toMatchObject({ kind: 'continued', args: ['tables', { timings }] });
  });
});

describe('a pipeline', () => {
  const units = [{ state: 'running', attempts: 1, runId: 'run' }];
  const carried = {
    ...{ parameters: {}, scheduleTime: '2026-01-01T00:00:00Z', startedAt: '2026-01-01T00:00:00Z', granted: [] },
    stages: { wait: { state: 'RUNNING', units } },
  };
  const resumed = (timings: object) =>
    SteppedWorkflow.start({
      type: 'sparkPipeline',
      args: [pipelineOf('resumed', [step('wait')]), {}, { ...carried, ...timings }],
      info: { workflowId: 'pipeline/resumed/x' },
    });

  it('that continues as new carries over its timings, and waits for its children with them', async () => {
    workflow = await resumed({});
    expect(workflow.pending('waitForWorkflow')).toMatchObject({ heartbeatMs: 30 * SECOND });
    await workflow.dispose();
    const timings = { heartbeatTimeoutMs: 3 * SECOND };
    workflow = await resumed({ timings });
    expect(workflow.pending('waitForWorkflow')).toMatchObject({ heartbeatMs: 3 * SECOND });
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(signals('parentPaused', { paused: true }));
    expect(workflow.end).toMatchObject({ kind: 'continued', args: [{}, {}, { timings }] });
  });

  it('gets its timings from the check of its manifest', async () => {
    workflow = await SteppedWorkflow.start({
      type: 'sparkPipeline',
      args: [pipelineOf('new', [step('wait')])],
      info: { workflowId: 'pipeline/new/x' },
    });
    const timings = { heartbeatTimeoutMs: 3 * SECOND };
    workflow.isContinueAsNewSuggested = true;
    const pauses = signals('parentPaused', { paused: true });
    await workflow.task(pauses, completes('checkSparkPipeline', { timings }));
    await workflow.task(pauses);
    expect(workflow.end).toMatchObject({ kind: 'continued', args: [{}, {}, { timings }] });
  });
});
