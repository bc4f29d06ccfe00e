import { describe, expect, it } from 'vitest';
import type { AdmissionRequest, RecordedSignal } from '../../../src/protocol/index.ts';
import { AdmissionQueue } from '../../../src/workflows/lease/admission-queue.ts';
import { restoreAdmission, restoreSemaphore } from '../../../src/workflows/lease/restore-queue.ts';
import { SemaphoreQueue } from '../../../src/workflows/lease/semaphore-queue.ts';

const signal = (name: string, ...args: unknown[]): RecordedSignal => ({ name, args });
const holders = (requests: readonly { readonly holder: string }[]): string[] => requests.map(({ holder }) => holder);

describe('a semaphore that continues a lost run', () => {
  const acquire = (holder: string, ticket = 0, limit = 2): RecordedSignal =>
    signal('acquire', { holder, ticket, limit, requester: `pipeline/${holder}` });
  const granted = (holder: string, ticket = 0): RecordedSignal =>
    signal('semaphoreGranted', { holder, ticket, semaphore: 'tables' });
  const release = (holder: string, ticket = 0): RecordedSignal => signal('release', { holder, ticket });

  function restored(...signals: readonly RecordedSignal[]): SemaphoreQueue {
    const queue = new SemaphoreQueue();
    restoreSemaphore(queue, signals);
    return queue;
  }

  it('has its holders, its waiting requests in their order, and its limit', () => {
    const queue = restored(
      ...[acquire('a'), acquire('b'), granted('a'), granted('b'), acquire('c'), acquire('d'), acquire('e')],
      ...[release('a'), granted('c'), release('e')],
    );
    expect(holders(queue.holders)).toEqual(['b', 'c']);
    expect(holders(queue.waiting())).toEqual(['d']);
    expect(queue.limit).toBe(2);
    expect(queue.grant()).toEqual([]);
  });

  it('gives a request that is repeated no second place, whether it held one or waited', () => {
    const queue = restored(acquire('a', 0, 1), granted('a'), acquire('b', 0, 1));
    for (const holder of ['a', 'b']) queue.ask({ holder, ticket: 0, limit: 1, requester: `pipeline/${holder}` });
    expect(holders(queue.holders)).toEqual(['a']);
    expect(holders(queue.waiting())).toEqual(['b']);
    queue.release({ holder: 'a' });
    expect(holders(queue.grant())).toEqual(['b']);
    expect(queue.waitingCount).toBe(0);
  });

  it('keeps the place that was granted to a later request of the same stage', () => {
    const queue = restored(acquire('a'), granted('a'), acquire('a', 1), release('a', 0));
    expect(queue.holders).toMatchObject([{ holder: 'a', ticket: 1 }]);
  });

  it('ignores what is not of its shape, and signals that it does not know', () => {
    const malformed = [undefined, null, 1, 'x', [], {}, { holder: 1 }];
    const names = ['acquire', 'release', 'semaphoreGranted', 'constructor', ''];
    const all = names.flatMap((name) => malformed.map((given) => signal(name, given)));
    expect(restored(...all, ...names.map((name) => signal(name))).isEmpty).toBe(true);
  });
});

describe('the queue of a pool that continues a lost run', () => {
  const request = (holder: string): AdmissionRequest => ({
    ...{ holder, workflowId: `spark/default/${holder}`, runId: 'run', namespace: 'default', priority: 0 },
    ...{ requests: { cpu: 1, memory: 1 }, since: `2026-01-01T00:00:0${holder}Z` },
  });
  const ask = (holder: string): RecordedSignal => signal('ask', request(holder), { maxApplications: 2 });
  const admitted = (holder: string): RecordedSignal => signal('admission', { queue: 'pool', holder, waiting: 0 });

  it('has its admitted applications, the waiting ones and its limits', () => {
    const queue = new AdmissionQueue();
    const leave = signal('leave', { holder: '1' });
    restoreAdmission(queue, [
      ask('1'),
      ask('2'),
      admitted('1'),
      admitted('2'),
      ask('3'),
      ask('4'),
      leave,
      admitted('3'),
    ]);
    expect(queue.holders).toEqual([request('2'), request('3')]);
    expect(queue.waiting()).toEqual([request('4')]);
    expect(queue.limits).toEqual({ maxApplications: 2 });
    expect(queue.grant()).toEqual([]);
  });

  it('ignores what is not of its shape', () => {
    const queue = new AdmissionQueue();
    const names = ['ask', 'leave', 'admission'];
    restoreAdmission(
      queue,
      names.flatMap((name) => [signal(name), signal(name, 5), signal(name, {}, {})]),
    );
    expect(queue.isEmpty).toBe(true);
  });
});
