import { describe, expect, it } from 'vitest';
import type { SemaphoreRequest } from '../../../src/protocol/index.ts';
import { SemaphoreQueue } from '../../../src/workflows/lease/semaphore-queue.ts';

const request = (holder: string, fields: Partial<SemaphoreRequest> = {}): SemaphoreRequest => ({
  ...{ holder, requester: `pipeline/${holder}`, limit: 2 },
  ...fields,
});

function queueOf(...requests: readonly SemaphoreRequest[]): SemaphoreQueue {
  const queue = new SemaphoreQueue();
  for (const each of requests) queue.ask(each);
  return queue;
}

const holders = (requests: readonly SemaphoreRequest[]): string[] => requests.map(({ holder }) => holder);

describe('a semaphore', () => {
  it('grants places in the order in which they were asked for, as many as its limit', () => {
    const queue = queueOf(request('a'), request('b'), request('c'));
    expect(holders(queue.grant())).toEqual(['a', 'b']);
    expect(queue.grant()).toEqual([]);
    queue.release({ holder: 'a' });
    expect(holders(queue.grant())).toEqual(['c']);
    expect(holders(queue.holders)).toEqual(['b', 'c']);
  });

  it('has the limit of the latest request', () => {
    const queue = queueOf(request('a'), request('b'));
    queue.grant();
    queue.ask(request('c', { limit: 1 }));
    queue.release({ holder: 'a' });
    expect(queue.grant()).toEqual([]);
    queue.ask(request('d', { limit: 3 }));
    expect(holders(queue.grant())).toEqual(['c', 'd']);
  });

  it('reports that a request holds a place already, and keeps the place under the new ticket', () => {
    const queue = queueOf(request('a'));
    queue.grant();
    expect(queue.ask(request('a', { ticket: 1 }))).toBe(true);
    queue.release({ holder: 'a', ticket: 0 });
    expect(holders(queue.holders)).toEqual(['a']);
    queue.release({ holder: 'a', ticket: 1 });
    expect(queue.isEmpty).toBe(true);
  });

  it('keeps the turn of one that asks again while it waits', () => {
    const queue = queueOf(request('a'), request('b'), request('c'), request('d'));
    queue.grant();
    expect(queue.ask(request('c', { ticket: 1 }))).toBe(false);
    expect(queue.waiting()).toEqual([request('c', { ticket: 1 }), request('d')]);
  });

  it('continues with what it carried over', () => {
    const queue = queueOf(request('a'), request('b'), request('c'));
    queue.grant();
    const next = new SemaphoreQueue({ limit: queue.limit, holders: queue.holders, waiting: queue.waiting() });
    next.release({ holder: 'b' });
    expect(holders(next.grant())).toEqual(['c']);
    expect(next.waitingCount).toBe(0);
  });
});
