import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdmissionQueue } from '../../../src/workflows/lease/admission-queue.ts';
import { PlaceNotices } from '../../../src/workflows/lease/place-notices.ts';
import type { AdmissionLimits, AdmissionRequest } from '../../../src/protocol/index.ts';

const GIBI = 2 ** 30;

function request(holder: string, fields: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    holder,
    workflowId: `spark/${holder}`,
    runId: 'run',
    namespace: 'team-a',
    priority: 0,
    requests: { cpu: 1, memory: GIBI },
    since: '2026-11-21T00:00:00.000Z',
    ...fields,
  };
}

function queueOf(limits: AdmissionLimits, ...waiting: AdmissionRequest[]): AdmissionQueue {
  return new AdmissionQueue({ limits, admitted: [], waiting });
}

const holders = (requests: readonly AdmissionRequest[]): string[] => requests.map(({ holder }) => holder);

describe('admits', () => {
  it('every application without limits', () => {
    expect(queueOf({}, request('a'), request('b')).grant()).toHaveLength(2);
  });

  it('the first come, of one namespace', () => {
    const later = request('a', { since: '2026-11-21T00:00:01.000Z' });
    const queue = queueOf({ maxApplications: 1 }, later, request('b'));
    expect(holders(queue.grant())).toEqual(['b']);
    expect(holders(queue.waiting())).toEqual(['a']);
    queue.release({ holder: 'b' });
    expect(holders(queue.grant())).toEqual(['a']);
  });

  it('one of each namespace in turn, however many one of them has sent', () => {
    const many = Array.from({ length: 6 }, (_, index) => request(`a${index}`));
    const few = ['b0', 'b1'].map((holder) => request(holder, { namespace: 'team-b', since: '2026-11-21T01:00:00Z' }));
    const queue = queueOf({ maxApplications: 4 }, ...many, ...few);
    expect(holders(queue.grant())).toEqual(['a0', 'b0', 'a1', 'b1']);
  });

  it('the highest priority before all others', () => {
    const urgent = request('urgent', { priority: 1000, since: '2026-11-21T05:00:00.000Z' });
    expect(holders(queueOf({ maxApplications: 1 }, request('a'), urgent).grant())).toEqual(['urgent']);
  });

  it('no more of a namespace than it may have: others pass', () => {
    const limits = { maxApplications: 3, maxApplicationsPerNamespace: 1 };
    const queue = queueOf(limits, request('a0'), request('a1'), request('b0', { namespace: 'team-b' }));
    expect(holders(queue.grant())).toEqual(['a0', 'b0']);
  });

  it('drivers as long as there is room for them; a large one is not passed for ever', () => {
    const large = request('large', { requests: { cpu: 3, memory: GIBI }, since: '2026-11-21T00:00:01.000Z' });
    const small = request('small', { since: '2026-11-21T00:00:02.000Z' });
    const queue = queueOf({ drivers: { cpu: 3, memory: 10 * GIBI } }, request('first'), large, small);
    expect(holders(queue.grant())).toEqual(['first']);
    queue.release({ holder: 'first' });
    expect(holders(queue.grant())).toEqual(['large']);
    queue.release({ holder: 'large' });
    expect(holders(queue.grant())).toEqual(['small']);
  });

  it('a driver that is larger than all there is, alone', () => {
    const giant = request('giant', { requests: { cpu: 100, memory: GIBI } });
    expect(holders(queueOf({ drivers: { cpu: 3, memory: GIBI } }, giant).grant())).toEqual(['giant']);
  });
});

describe('a place', () => {
  it('is granted once: a repeated request keeps it, or is answered that it is admitted', () => {
    const queue = queueOf({ maxApplications: 1 });
    expect(queue.ask(request('a'))).toBe(false);
    expect(queue.ask(request('a'))).toBe(false);
    expect(queue.grant()).toHaveLength(1);
    expect(queue.ask(request('a'))).toBe(true);
    expect(queue.holders).toHaveLength(1);
  });

  it('is lost to the next attempt of the same application', () => {
    const queue = queueOf({ maxApplications: 1 }, request('a'));
    queue.grant();
    queue.ask(request('a2', { workflowId: 'spark/a' }));
    expect(holders(queue.grant())).toEqual(['a2']);
    expect(holders(queue.holders)).toEqual(['a2']);
  });
});

describe('a queue of many namespaces', () => {
  let reads = 0;
  /** A request that counts how often it is read. */
  function counted(index: number): AdmissionRequest {
    const plain = request(`h${index}`, { namespace: `team-${index}`, since: new Date(index).toISOString() });
    return new Proxy(plain, { get: (target, key) => ((reads += 1), Reflect.get(target, key) as unknown) });
  }
  function waiting(count: number, limits: AdmissionLimits): AdmissionQueue {
    const queue = queueOf(limits);
    for (let index = 0; index < count; index += 1) queue.ask(counted(index));
    return queue;
  }
  function readsOf(action: () => unknown): number {
    reads = 0;
    action();
    return reads;
  }

  it.each([
    {
      what: 'when each asks again',
      limits: { maxApplications: 1 },
      act: (queue: AdmissionQueue) => {
        for (let index = 0; index < queue.waitingCount; index += 1) queue.ask(counted(index));
      },
    },
    {
      what: 'when one is admitted and the others get their places',
      limits: { maxApplications: 1 },
      act: (queue: AdmissionQueue) => {
        expect(new PlaceNotices({ waiting: [] }).due([...queue.grant(), ...queue.waiting()])).not.toEqual([]);
      },
    },
    {
      what: 'when all are admitted',
      limits: { drivers: { cpu: 1e9, memory: 1e18 } },
      act: (queue: AdmissionQueue) => {
        expect(queue.grant().length).toBeGreaterThan(400);
      },
    },
  ])('reads not much more than twice as much of twice as many applications $what', ({ limits, act }) => {
    const [few, many] = [waiting(500, limits), waiting(1_000, limits)];
    const once = readsOf(() => act(few));
    expect(readsOf(() => act(many))).toBeLessThan(2.5 * once);
  });
});

it('orders waiting applications as if each was admitted as soon as the one before it was', () => {
  const any = fc.record({
    namespace: fc.constantFrom('a', 'b', 'c'),
    priority: fc.nat(2),
    since: fc.nat(5).map((day) => new Date(day * 86_400_000).toISOString()),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 30 }), fc.nat(5), (given, held) => {
      const requests = given.map((fields, index) => request(`h${index}`, fields));
      const queue = new AdmissionQueue({
        limits: {},
        admitted: requests.slice(0, held),
        waiting: requests.slice(held),
      });
      const order = holders(queue.waiting());
      const turns = order.map(() => {
        queue.limits = { maxApplications: queue.holders.length + 1 };
        return holders(queue.grant()).join();
      });
      expect(turns).toEqual(order);
    }),
  );
});

it('keeps the limits and admits each application exactly once, in any order of events', () => {
  const step = fc.oneof(
    fc.record({
      ask: fc.nat(40),
      namespace: fc.constantFrom('a', 'b', 'c'),
      priority: fc.nat(2),
      cpu: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ leave: fc.nat(40) }),
    fc.constant({ continues: true as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const limits = { maxApplications: 5, maxApplicationsPerNamespace: 3, drivers: { cpu: 8, memory: 1000 * GIBI } };
      let queue = queueOf(limits);
      const inside = new Set<string>();
      const outside = new Set<string>();
      const admit = () => {
        for (const { holder } of queue.grant()) {
          expect(outside.delete(holder)).toBe(true);
          inside.add(holder);
        }
      };
      const hold = () => {
        const { holders: admitted } = queue;
        expect(new Set(holders(admitted))).toEqual(inside);
        expect(new Set(holders(queue.waiting()))).toEqual(outside);
        expect(admitted.length).toBeLessThanOrEqual(5);
        for (const each of ['a', 'b', 'c']) {
          expect(admitted.filter(({ namespace }) => namespace === each).length).toBeLessThanOrEqual(3);
        }
        const cpu = admitted.reduce((sum, { requests }) => sum + requests.cpu, 0);
        expect(cpu <= 8 || admitted.length === 1).toBe(true);
      };
      for (const [index, each] of steps.entries()) {
        if ('ask' in each) {
          const holder = `h${each.ask}`;
          const { namespace, priority, cpu } = each;
          const since = new Date(index).toISOString();
          const isIn = queue.ask(request(holder, { namespace, priority, since, requests: { cpu, memory: GIBI } }));
          expect(isIn).toBe(inside.has(holder));
          if (!isIn) outside.add(holder);
        } else if ('leave' in each) {
          const holder = `h${each.leave}`;
          queue.release({ holder });
          inside.delete(holder);
          outside.delete(holder);
        } else {
          queue = new AdmissionQueue({ limits, admitted: queue.holders, waiting: queue.waiting() });
        }
        admit();
        hold();
      }
      while (inside.size + outside.size > 0) {
        const before = inside.size + outside.size;
        for (const holder of inside) queue.release({ holder });
        inside.clear();
        admit();
        hold();
        expect(inside.size + outside.size < before || inside.size > 0).toBe(true);
      }
      expect(queue.isEmpty).toBe(true);
    }),
  );
});
