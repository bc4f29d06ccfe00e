import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { createSparkActivities } from '../../src/activities/index.ts';
import type { Timings } from '../../src/index.ts';
import { pipelineOf, step } from '../support/pipelines.ts';

function activitiesWith(timings: Partial<Timings>) {
  const signalWithStart = vi.fn(async () => undefined);
  const client = {
    withAbortSignal: async <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
    workflow: { signalWithStart },
  } as unknown as Client;
  const environment = new MockActivityEnvironment({}, { client });
  const activities = createSparkActivities({ kubernetes: () => Promise.reject(new Error('not asked')), timings });
  const begun = (): unknown => (signalWithStart.mock.calls as unknown[][])[0]![1];
  return { activities, environment, begun };
}

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
    await queue.environment.run(queue.activities.requestAdmission, admission);
    const fresh = { limits, admitted: [], waiting: [] };
    expect(queue.begun()).toMatchObject({ args: ['pool', { ...fresh, timings: { admissionReviewMs: 3_000 } }] });

    const places = activitiesWith(timings);
    await places.environment.run(places.activities.requestSemaphore, semaphore);
    expect(places.begun()).toMatchObject({
      args: ['tables', { limit: 2, holders: [], waiting: [], timings: { semaphoreCheckMs: 500 } }],
    });

    const manifest = pipelineOf('one', [step('only')]);
    const checked = await queue.environment.run(queue.activities.checkSparkPipeline, manifest);
    expect(checked).toEqual({ timings: { heartbeatTimeoutMs: 3_000 } });
  });

  it('and not where they do not: nothing is added to a history', async () => {
    const queue = activitiesWith({ admissionReviewMs: 30_000 });
    await queue.environment.run(queue.activities.requestAdmission, admission);
    expect(queue.begun()).toMatchObject({ args: ['pool'] });

    const places = activitiesWith({});
    await places.environment.run(places.activities.requestSemaphore, semaphore);
    expect(places.begun()).toMatchObject({ args: ['tables'] });

    const manifest = pipelineOf('one', [step('only')]);
    expect(await queue.environment.run(queue.activities.checkSparkPipeline, manifest)).toBeUndefined();
  });
});
