import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import { createSparkActivities } from '../../../src/activities/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const payloads = (...args: readonly unknown[]) => ({
  payloads: args.map((each) => defaultPayloadConverter.toPayload<unknown>(each)),
});
const started = (...args: readonly unknown[]) => ({
  workflowExecutionStartedEventAttributes: { input: payloads(...args) },
});
const received = (signalName: string, ...args: readonly unknown[]) => ({
  workflowExecutionSignaledEventAttributes: { signalName, input: payloads(...args) },
});
const sent = (signalName: string, ...args: readonly unknown[]) => ({
  signalExternalWorkflowExecutionInitiatedEventAttributes: { signalName, input: payloads(...args) },
});

/** A client of a server on which the latest run of each queue is closed. */
function serverOf(status: string, events: readonly object[]) {
  const signalWithStart = vi.fn(async () => undefined);
  const fetchHistory = vi.fn(async () => ({ events }));
  const handle = {
    workflowId: 'a queue',
    signal: async () => Promise.reject(new WorkflowNotFoundError('closed', 'a queue', undefined)),
    describe: async () => ({ status: { name: status }, runId: 'lost' }),
    fetchHistory,
  };
  const loadedDataConverter = { payloadCodecs: [], payloadConverter: defaultPayloadConverter };
  const client = {
    withAbortSignal: async <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
    workflow: { getHandle: () => handle, signalWithStart },
    options: { loadedDataConverter },
  } as unknown as Client;
  const activities = createSparkActivities({ kubernetes: () => Promise.reject(new Error('not asked')) });
  const run = (body: (given: typeof activities) => Promise<void>) =>
    new ActivityEnvironment({}, { client }).run(() => body(activities));
  const args = (): readonly unknown[] => {
    const [[, { args }]] = signalWithStart.mock.calls as unknown as [[string, { readonly args: unknown[] }]];
    return args;
  };
  return { run, args, fetchHistory };
}

const place = { holder: 'p/use', ticket: 0, limit: 2, requester: 'p' };
const { limit: _, requester: _requester, ...granted } = place;
const request = { name: 'tables', taskQueue: 'q', holder: 'p/next', ticket: 0, limit: 2, requester: 'p' };
const events = [
  started('tables', { limit: 2, holders: [place], waiting: [], timings: { semaphoreCheckMs: 1 } }),
  received('acquire', place),
  sent('semaphoreGranted', granted),
  received('release', granted),
];

describe('a request for a place', () => {
  it.each(['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED'])(
    'starts a semaphore that is %s with what it carried, received and granted',
    async (status) => {
      const server = serverOf(status, events);
      await server.run((given) => given.requestSemaphore(request));
      const signals = [
        { name: 'acquire', args: [place] },
        { name: 'semaphoreGranted', args: [granted] },
        { name: 'release', args: [granted] },
      ];
      expect(server.args()).toEqual(['tables', { limit: 2, holders: [place], waiting: [], signals }]);
    },
  );

  it('starts a semaphore that completed without any place', async () => {
    const server = serverOf('COMPLETED', events);
    await server.run((given) => given.requestSemaphore(request));
    expect(server.args()).toEqual(['tables']);
    expect(server.fetchHistory).not.toHaveBeenCalled();
  });

  it('gives a queue of a pool that was lost twice the signals of both runs, and no notices of places', async () => {
    const limits = { maxApplications: 1 };
    const asked = { name: 'ask', args: [{ holder: 'one' }, limits] };
    const admitted = { queue: 'pool', holder: 'one', waiting: 0 };
    const server = serverOf('TERMINATED', [
      started('pool', { limits, admitted: [], waiting: [], signals: [asked, null, {}, 5] }),
      sent('admission', { queue: 'pool', holder: 'two', waiting: 1, place: 1 }),
      sent('admission', admitted),
      received('leave', 'malformed'),
      { workflowExecutionSignaledEventAttributes: { signalName: 'ask', input: { payloads: [{ metadata: {} }] } } },
    ]);
    const attempt = {
      ...{ holder: 'three', workflowId: 'spark/default/three', runId: 'run', namespace: 'default', priority: 0 },
      ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
    };
    await server.run((given) => given.requestAdmission({ queue: 'pool', taskQueue: 'q', request: attempt, limits }));
    const signals = [asked, { name: 'admission', args: [admitted] }];
    expect(server.args()).toEqual(['pool', { limits, admitted: [], waiting: [], signals }]);
  });

  it('leaves out the waiting requests where Temporal does not take all', async () => {
    const waiting = Array.from({ length: 20_000 }, (_, index) =>
      received('acquire', { ...place, holder: `w${index}`.padEnd(50, '-') }),
    );
    const server = serverOf('TERMINATED', [...events.slice(0, 3), ...waiting]);
    await server.run((given) => given.requestSemaphore(request));
    const signals = [
      { name: 'acquire', args: [place] },
      { name: 'semaphoreGranted', args: [granted] },
    ];
    expect(server.args()).toEqual(['tables', { limit: 2, holders: [place], waiting: [], signals }]);
  });
});
