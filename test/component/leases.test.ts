import { afterEach, describe, expect, it } from 'vitest';
import type { AdmissionRequest, AdmissionStatus, SemaphoreStatus } from '../../src/protocol/index.ts';
import { completes, signals, SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const limits = { maxApplications: 1 };

function request(holder: string, fields: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    ...{ holder, workflowId: `spark/default/${holder}`, runId: 'run', namespace: 'default', priority: 0 },
    ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
    ...fields,
  };
}

const requests = (prefix: string, count: number): AdmissionRequest[] =>
  Array.from({ length: count }, (_, index) => request(`${prefix}${String(index).padStart(4, '0')}`));

async function startQueue(carried?: object): Promise<void> {
  const args = carried === undefined ? ['pool'] : ['pool', carried];
  workflow = await SteppedWorkflow.start({
    type: 'sparkAdmission',
    args,
    events: [signals('ask', request('a'), limits)],
  });
}

async function startSemaphore(): Promise<void> {
  const acquire = signals('acquire', { limit: 1, holder: 'a', requester: 'pipeline/a' });
  workflow = await SteppedWorkflow.start({ type: 'sparkSemaphore', args: ['tables'], events: [acquire] });
}

const malformed: readonly unknown[] = [undefined, null, 1, 'x', [], {}, { holder: 1 }, { holder: '' }];

describe('the queue of a pool', () => {
  it.each(['ask', 'leave'])('drops each malformed %s and continues', async (signal) => {
    await startQueue();
    for (const each of malformed) await workflow.task(signals(signal, each));
    await workflow.task(signals(signal));
    await workflow.task(signals('ask', request('b'), limits));
    expect(await workflow.query<AdmissionStatus>('status')).toMatchObject({
      ...{ limits, admitted: [{ holder: 'a' }], waiting: [{ holder: 'b' }] },
    });
    expect(workflow.logged).toContainEqual(
      expect.objectContaining({ message: `Dropped a malformed signal: ${signal}` }),
    );
    await workflow.task(signals('leave', { holder: 'a' }), signals('leave', { holder: 'b' }));
    expect(workflow.end).toMatchObject({ kind: 'completed' });
  });

  it.each([
    { priority: 'high' },
    { requests: undefined },
    { requests: { cpu: '1', memory: 1 } },
    { namespace: 5 },
    { workflowId: undefined },
    { since: null },
    { since: 'x'.repeat(1_000) },
    { workflowId: 'x'.repeat(1_001) },
    { workflowId: '\ud800' },
  ])('drops a request with %j', async (fields) => {
    await startQueue();
    await workflow.task(signals('ask', { ...request('b'), ...fields }, limits));
    await workflow.task(signals('ask', request('c')), signals('ask', request('c'), { maxApplications: 'two' }));
    expect(await workflow.query<AdmissionStatus>('status')).toMatchObject({ limits, waiting: [] });
  });

  it('starts with the valid parts of a malformed argument', async () => {
    await startQueue({ limits: 5, admitted: 'none', waiting: [request('b'), {}], told: { 0: 1 } });
    expect(await workflow.query<AdmissionStatus>('status')).toMatchObject({
      ...{ limits, admitted: [{ holder: 'a' }], waiting: [{ holder: 'b' }] },
    });
  });

  it('signals at most 500 at once of 2,500 that an earlier version carried over', async () => {
    await startQueue({ limits, admitted: [request('a')], waiting: requests('w', 2_500) });
    // The one that holds a place asked again, and is answered.
    expect(workflow.sent).toHaveLength(2_501);
    expect(workflow.mostSentAtOnce).toBe(500);
  });

  it('carries over the notices of 2,500: the next run signals none of them again', async () => {
    await startQueue({ limits, admitted: [request('a')], waiting: requests('w', 2_500) });
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(signals('ask', request('last'), limits));
    const { end } = workflow;
    expect(end).toMatchObject({ kind: 'continued', args: ['pool', { limits }] });
    await workflow.dispose();
    const args = end?.kind === 'continued' ? end.args : [];
    workflow = await SteppedWorkflow.start({ type: 'sparkAdmission', args });
    expect(workflow.sent).toEqual([]);
    await workflow.task(signals('leave', { holder: 'a' }));
    expect(workflow.sent).toEqual([
      {
        workflowId: 'spark/default/last',
        name: 'admission',
        args: [{ queue: 'pool', holder: 'last', waiting: 2_500 }],
      },
    ]);
  });
});

describe('a semaphore', () => {
  it.each(['acquire', 'release'])('drops each malformed %s and continues', async (signal) => {
    await startSemaphore();
    for (const each of malformed) await workflow.task(signals(signal, each));
    await workflow.task(signals(signal));
    await workflow.task(signals('acquire', { limit: 1, holder: 'b', requester: 'pipeline/b' }));
    expect(await workflow.query<SemaphoreStatus>('status')).toEqual({
      ...{ name: 'tables', limit: 1, holders: ['a'], waiting: ['b'] },
    });
    await workflow.task(signals('release', { holder: 'a' }), signals('release', { holder: 'b' }));
    expect(workflow.end).toMatchObject({ kind: 'completed' });
  });

  it.each([0, -1, 1.5, null, '2'])('drops a request with the limit %j', async (limit) => {
    await startSemaphore();
    await workflow.task(signals('acquire', { limit, holder: 'b', requester: 'pipeline/b' }));
    expect(await workflow.query<SemaphoreStatus>('status')).toMatchObject({ limit: 1, waiting: [] });
  });

  it.each(['x'.repeat(1_001), 'é'.repeat(501), '\ud800'])(
    'drops a request of a workflow whose ID Temporal would not take',
    async (requester) => {
      await startSemaphore();
      await workflow.task(signals('acquire', { limit: 5, holder: 'b', requester }));
      expect(workflow.sent.map(({ workflowId }) => workflowId)).toEqual(['pipeline/a']);
    },
  );

  it('that continues a lost run answers its holders again, and grants no more than its limit', async () => {
    const place = (holder: string) => ({ limit: 1, holder, requester: `pipeline/${holder}` });
    const signals = [
      { name: 'acquire', args: [place('a')] },
      { name: 'semaphoreGranted', args: [{ holder: 'a', semaphore: 'tables' }] },
      { name: 'acquire', args: [place('b')] },
    ];
    const args = ['tables', { limit: 1, holders: [], waiting: [], signals }];
    workflow = await SteppedWorkflow.start({ type: 'sparkSemaphore', args });
    const status = { name: 'tables', limit: 1, holders: ['a'], waiting: ['b'] };
    expect(await workflow.query<SemaphoreStatus>('status')).toEqual(status);
    expect(workflow.sent.map(({ workflowId }) => workflowId)).toEqual(['pipeline/a']);
    workflow.isContinueAsNewSuggested = true;
    await workflow.passes(5_000);
    await workflow.task(completes('closedWorkflows', []));
    const carried = { limit: 1, holders: [place('a')], waiting: [place('b')] };
    expect(workflow.end).toEqual({ kind: 'continued', args: ['tables', carried] });
  });

  it('carries over only what it knows of a request', async () => {
    await startSemaphore();
    await workflow.task(signals('acquire', { limit: 1, holder: 'b', requester: 'pipeline/b', note: 'x'.repeat(2e6) }));
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(signals('release', { holder: 'unknown' }));
    expect(JSON.stringify(workflow.end).length).toBeLessThan(1_000);
  });

  it('keeps the place of a later request when a previous one of the same stage is released', async () => {
    await startSemaphore();
    await workflow.task(signals('acquire', { limit: 1, holder: 'a', ticket: 1, requester: 'pipeline/a' }));
    await workflow.task(signals('release', { holder: 'a', ticket: 0 }));
    expect(await workflow.query<SemaphoreStatus>('status')).toMatchObject({ holders: ['a'] });
  });

  it('releases the place of a holder that has ended, however often others ask', async () => {
    await startSemaphore();
    for (let second = 0; second < 6; second += 1) {
      await workflow.task(signals('acquire', { limit: 1, holder: `s${second}`, requester: `pipeline/s${second}` }));
      await workflow.passes(1_000);
    }
    await workflow.task(completes('closedWorkflows', ['a', 'pipeline/a']));
    expect(await workflow.query<SemaphoreStatus>('status')).toMatchObject({ holders: ['s0'] });
  });
});
