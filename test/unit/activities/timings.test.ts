import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askSubmitter } from '../../../src/activities/submit/run-submitter.ts';
import { DriverDiagnosis } from '../../../src/activities/watch/driver-diagnosis.ts';
import { createSparkActivities } from '../../../src/activities/index.ts';
import type { Timings } from '../../../src/worker.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import type { SubmissionRequest } from '../../../src/submitters/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';
import { pipelineOf, step } from '../../support/pipelines.ts';

function activitiesWith(timings: Partial<Timings>) {
  const signalWithStart = vi.fn(async () => undefined);
  const client = {
    withAbortSignal: async <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
    workflow: { signalWithStart, getHandle: () => neverStarted },
  } as unknown as Client;
  const environment = new ActivityEnvironment({}, { client });
  const activities = createSparkActivities({ kubernetes: () => Promise.reject(new Error('not asked')), timings });
  const begun = (): unknown => (signalWithStart.mock.calls as unknown[][])[0]![1];
  const run = <T>(body: (given: typeof activities) => Promise<T>): Promise<T> =>
    environment.run(() => body(activities));
  return { run, begun };
}

const unknown = async () => Promise.reject(new WorkflowNotFoundError('unknown', 'a queue', undefined));
const neverStarted = { signal: unknown, describe: unknown };

const limits = { maxApplications: 1 };
const admission = {
  ...{ queue: 'pool', taskQueue: 'q', limits },
  request: {
    ...{ holder: 'one', workflowId: 'spark/default/one', runId: 'run', namespace: 'default', priority: 0 },
    ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
  },
};
const semaphore = { name: 'tables', taskQueue: 'q', limit: 2, holder: 'one', requester: 'one' };

describe('timings reach the workflows that activities start', () => {
  it('where they differ from the defaults', async () => {
    const timings = { admissionReviewMs: 3_000, semaphoreCheckMs: 500, heartbeatTimeoutMs: 3_000 };
    const queue = activitiesWith(timings);
    await queue.run((given) => given.requestAdmission(admission));
    const fresh = { limits, admitted: [], waiting: [] };
    expect(queue.begun()).toMatchObject({ args: ['pool', { ...fresh, timings: { admissionReviewMs: 3_000 } }] });

    const places = activitiesWith(timings);
    await places.run((given) => given.requestSemaphore(semaphore));
    expect(places.begun()).toMatchObject({
      args: ['tables', { limit: 2, holders: [], waiting: [], timings: { semaphoreCheckMs: 500 } }],
    });

    const manifest = pipelineOf('one', [step('only')]);
    const checked = await queue.run((given) => given.checkSparkPipeline(manifest));
    expect(checked).toEqual({ timings: { heartbeatTimeoutMs: 3_000 } });
  });

  it('and not where they do not: nothing is added to a history', async () => {
    const queue = activitiesWith({ admissionReviewMs: 30_000 });
    await queue.run((given) => given.requestAdmission(admission));
    expect(queue.begun()).toMatchObject({ args: ['pool'] });

    const places = activitiesWith({});
    await places.run((given) => given.requestSemaphore(semaphore));
    expect(places.begun()).toMatchObject({ args: ['tables'] });

    const manifest = pipelineOf('one', [step('only')]);
    expect(await queue.run((given) => given.checkSparkPipeline(manifest))).toBeUndefined();
  });
});

describe('by default', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['Date', 'setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('the Events of a driver that does not start are read after 2 s, then at intervals that double, up to a minute', async () => {
    const asked: number[] = [];
    const list = async function* () {
      asked.push(Date.now() / 1000);
      yield [];
    };
    const kubernetes = { list, now: () => Date.now() } as unknown as KubernetesClient;
    const diagnosis = new DriverDiagnosis(kubernetes, new AbortController().signal);
    const pod: Pod = { metadata: { namespace: 'default', uid: 'uid' }, spec: { nodeName: 'node', containers: [] } };
    for (let second = 0; second <= 250; second += 1) {
      vi.setSystemTime(second * 1000);
      await diagnosis.of(pod, { phase: 'pending' });
    }
    expect(asked).toEqual([2, 6, 14, 30, 62, 122, 182, 242]);
  });

  it('a submitter that was aborted may take 5 s to return', async () => {
    const submitter = { name: 'deaf', submit: () => new Promise<never>(() => undefined) };
    const kubernetes = { get: async () => undefined, async *list() {} } as unknown as KubernetesClient;
    const request = { submission: { namespace: 'default' }, identity: {} } as unknown as SubmissionRequest;
    const abort = new AbortController();
    let failure: unknown;
    const asked = askSubmitter(kubernetes, submitter, request, abort.signal).catch(
      (error: unknown) => (failure = error),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    abort.abort();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await asked;
    expect(failure).toMatchObject({ type: 'SubmitterTimeout' });
  });
});
