/**
 * The protocol by which a driver is created only while its workflow wants it (docs/lifecycle.md), as a model: every order
 * of events is tried. Time passes in ticks. The workflow ends when it has recorded what became of the attempt and has
 * released the driver; from then on nothing of the attempt may run.
 */
import { describe, expect, it } from 'vitest';

interface Rules {
  /** A try creates nothing once it was not confirmed for so long. */
  readonly lease: number;
  /** The server gives up a try that sent no heartbeat for so long. */
  readonly heartbeatTimeout: number;
  /** The API server carries out what it was sent sooner than that, or never. */
  readonly lateCreation: number;
  /** Whether a try whose answer is lost reports that its driver may still appear. */
  readonly latenessIsReported: boolean;
  /** Whether a stop that finds no driver waits until none can appear. */
  readonly stopWaits: boolean;
  /** Whether a deleted driver keeps its finalizer, and so its name, until no other can appear. */
  readonly nameIsHeld: boolean;
  readonly tries: number;
}

const RULES: Rules = {
  ...{ lease: 2, heartbeatTimeout: 3, lateCreation: 2 },
  ...{ latenessIsReported: true, stopWaits: true, nameIsHeld: true, tries: 3 },
};

/** One try of the submission, on a worker of its own. */
interface Try {
  readonly at: 'idle' | 'working' | 'sent' | 'answered' | 'over';
  readonly sinceConfirmed: number;
  readonly sinceHeartbeat: number;
  /** Ticks since the request was sent; undefined while none is under way. */
  readonly request: number | undefined;
}

interface State {
  readonly workflow: 'submitting' | 'submitted' | 'stopping' | 'closing' | 'ended';
  readonly recorded: 'nothing' | 'never created' | 'stopped';
  readonly killed: boolean;
  /** The try that the server counts on. */
  readonly current: number | undefined;
  /** How many have begun. */
  readonly begun: number;
  /** Ticks in which a driver may still appear, as the workflow knows it. */
  readonly unsettled: number;
  readonly tries: readonly Try[];
  readonly driver: 'absent' | 'running' | 'held';
}

const IDLE: Try = { at: 'idle', sinceConfirmed: 0, sinceHeartbeat: 0, request: undefined };

const WORDS = [
  ...['submitting', 'submitted', 'stopping', 'closing', 'ended', 'nothing', 'never created', 'stopped'],
  ...['idle', 'working', 'sent', 'answered', 'over', 'absent', 'running', 'held'],
] as const satisfies readonly (State['workflow' | 'recorded' | 'driver'] | Try['at'])[];

/** The same for the same state. A character for each field: the search would take twice as long with JSON. */
function keyOf({ workflow, recorded, driver, killed, current = -1, begun, unsettled, tries }: State): string {
  const words = [workflow, recorded, driver].map((word) => WORDS.indexOf(word));
  const codes = [...words, Number(killed), current + 1, begun, unsettled];
  for (const { at, sinceConfirmed, sinceHeartbeat, request = -1 } of tries)
    codes.push(WORDS.indexOf(at), sinceConfirmed, sinceHeartbeat, request + 1);
  return String.fromCharCode(...codes);
}

function initial({ tries }: Rules): State {
  return {
    ...{ workflow: 'submitting', recorded: 'nothing', killed: false, current: undefined, begun: 0, unsettled: 0 },
    ...{ tries: Array.from({ length: tries }, () => IDLE), driver: 'absent' },
  };
}

function changed(state: State, index: number, change: Partial<Try>): State {
  return { ...state, tries: state.tries.map((each, at) => (at === index ? { ...each, ...change } : each)) };
}

/** The workflow learns that a try is over, and for how long its driver may appear. */
function failed(state: State, lateFor: number): State {
  const unsettled = Math.max(state.unsettled, lateFor);
  return { ...state, current: undefined, unsettled, workflow: state.killed ? 'stopping' : 'submitting' };
}

function* next(state: State, rules: Rules): Iterable<readonly [event: string, state: State]> {
  const { workflow, current, begun, killed, driver, tries } = state;
  const lost = rules.heartbeatTimeout + rules.lateCreation;
  if (workflow === 'submitting' && current === undefined && !killed && begun < rules.tries) {
    yield ['begin', { ...changed(state, begun, { at: 'working' }), current: begun, begun: begun + 1 }];
  }
  if (workflow !== 'ended' && !killed) {
    const killedNow = { ...state, killed: true };
    // Between two tries it is unknown what the last one left.
    const betweenTries = { ...killedNow, workflow: 'stopping', unsettled: begun === 0 ? 0 : lost } as const;
    if (workflow === 'submitted') yield ['kill', { ...killedNow, workflow: 'stopping' }];
    else if (current === undefined) yield ['kill', betweenTries];
    else yield ['kill', killedNow];
  }
  for (const [index, { at, sinceConfirmed, sinceHeartbeat, request }] of tries.entries()) {
    const isCurrent = current === index;
    if (request !== undefined) {
      const isFirst = driver === 'absent';
      const done = changed(state, index, { request: undefined, at: at === 'sent' ? 'answered' : at });
      yield ['the API server creates', isFirst ? { ...done, driver: 'running' } : done];
      yield ['the request is lost', changed(state, index, { request: undefined })];
    }
    if (at === 'idle' || at === 'over') continue;
    if (isCurrent && sinceHeartbeat > 0) yield ['heartbeat', changed(state, index, { sinceHeartbeat: 0 })];
    if (isCurrent && sinceConfirmed > 0) yield ['confirm', changed(state, index, { sinceConfirmed: 0 })];
    if (at === 'working' && sinceConfirmed < rules.lease) {
      yield ['send', changed(state, index, { at: 'sent', request: 0 })];
    }
    if (!isCurrent) continue;
    const over = changed(state, index, { at: 'over' });
    if (at === 'working') yield ['refused', failed(over, 0)];
    if (at === 'sent') {
      yield ['the answer is lost', failed(over, rules.latenessIsReported ? rules.lateCreation : 0)];
    }
    if (at === 'answered') {
      yield ['submitted', { ...over, current: undefined, workflow: killed ? 'stopping' : 'submitted' }];
    }
    // The worker knows nothing of it: the try continues.
    if (sinceHeartbeat >= rules.heartbeatTimeout) yield ['the server gives the try up', failed(state, lost)];
  }
  if (workflow === 'stopping') {
    const waits = rules.stopWaits && state.unsettled > 0;
    if (driver === 'running') yield ['stop', { ...state, driver: 'held', recorded: 'stopped', workflow: 'closing' }];
    else if (!waits) yield ['find no driver', { ...state, recorded: 'never created', workflow: 'ended' }];
  }
  if (workflow === 'closing' && !(rules.nameIsHeld && state.unsettled > 0)) {
    yield ['release', { ...state, driver: 'absent', workflow: 'ended' }];
  }
  yield ['tick', ticked(state, rules)];
}

function ticked(state: State, rules: Rules): State {
  const oldest = rules.lease + rules.heartbeatTimeout;
  return {
    ...state,
    unsettled: Math.max(0, state.unsettled - 1),
    tries: state.tries.map((each) => {
      if (each.at === 'idle') return each;
      const request =
        each.request === undefined || each.request + 1 >= rules.lateCreation ? undefined : each.request + 1;
      const sinceConfirmed = Math.min(oldest, each.sinceConfirmed + 1);
      return { ...each, request, sinceConfirmed, sinceHeartbeat: Math.min(oldest, each.sinceHeartbeat + 1) };
    }),
  };
}

/** The shortest way to a driver that runs after the workflow has ended; undefined without any. */
function wayToOrphan(rules: Rules): { readonly way: readonly string[] | undefined; readonly states: number } {
  const from = new Map<string, readonly [event: string, key: string]>();
  const first = initial(rules);
  const queue = [first];
  from.set(keyOf(first), ['', '']);
  for (const state of queue) {
    const key = keyOf(state);
    if (state.workflow === 'ended' && state.driver === 'running') return { way: wayTo(key, from), states: from.size };
    for (const [event, following] of next(state, rules)) {
      const known = keyOf(following);
      if (from.has(known)) continue;
      from.set(known, [event, key]);
      queue.push(following);
    }
  }
  return { way: undefined, states: from.size };
}

function wayTo(key: string, from: ReadonlyMap<string, readonly [string, string]>): string[] {
  const way: string[] = [];
  for (let at = key; ;) {
    const [event, before] = from.get(at)!;
    if (before === '') return way.reverse();
    way.push(event);
    at = before;
  }
}

describe('a driver is created only while its workflow wants it', () => {
  it('in every order of events: nothing runs after the workflow has ended', () => {
    const { way, states } = wayToOrphan(RULES);
    expect(way).toBeUndefined();
    expect(states).toBeGreaterThan(50_000);
  });

  it.each<[what: string, change: Partial<Rules>]>([
    ['a try creates without confirmation', { lease: Infinity }],
    ['a try is confirmed for longer than the server waits for it', { lease: 6 }],
    ['a try whose answer is lost reports nothing', { latenessIsReported: false }],
    ['a stop records at once that there is no driver', { stopWaits: false }],
    ['the name of a stopped driver is free at once', { nameIsHeld: false }],
  ])('but not where %s', (_, change) => {
    expect(wayToOrphan({ ...RULES, tries: 2, ...change }).way).toBeDefined();
  });
});
