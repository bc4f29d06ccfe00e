import type { Rules, Surroundings } from './rules.ts';
import { due, initial, keyOf, type Event, type State } from './state.ts';
import { submissionEvents, unwatchedEvents } from './submission.ts';
import { surroundingEvents, ticked } from './surroundings.ts';
import { workflowEvents } from './workflow.ts';

/** Something that must hold. `isFinal`: only where nothing else is due to happen. */
export interface Invariant {
  readonly isFinal?: boolean;
  readonly holds: (state: State) => boolean;
}

export interface Found<Name extends string> {
  readonly states: number;
  /** Of the shortest way to a state in which it does not hold. */
  readonly broken?: { readonly invariant: Name; readonly way: readonly string[] };
}

function* next(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  yield* workflowEvents(state, rules, surroundings);
  yield* submissionEvents(state, rules, surroundings);
  yield* unwatchedEvents(state, rules);
  yield* surroundingEvents(state, rules, surroundings);
  // The pod of a deleted Job ends within seconds.
  if (state.attempts.every(({ job }) => job !== 'is deleted')) yield due('time passes', ticked(state));
}

/** Tries every order of events, the shorter first, until an invariant does not hold. */
export function search<Name extends string>(
  rules: Rules,
  surroundings: Surroundings,
  invariants: Readonly<Record<Name, Invariant>>,
): Found<Name> {
  const named = Object.entries<Invariant>(invariants) as [Name, Invariant][];
  const first = initial(surroundings.clusters);
  const from = new Map<string, readonly [event: string, before: string]>([[keyOf(first), ['', '']]]);
  const queue = [first];
  for (const state of queue) {
    const key = keyOf(state);
    let isFinal = true;
    for (const [event, following, isDue] of next(state, rules, surroundings)) {
      const reached = keyOf(following);
      if (reached === key) continue;
      if (isDue) isFinal = false;
      if (from.has(reached)) continue;
      from.set(reached, [event, key]);
      queue.push(following);
    }
    const broken = named.find(([, { isFinal: onlyFinal = false, holds }]) => (!onlyFinal || isFinal) && !holds(state));
    if (broken !== undefined) return { states: from.size, broken: { invariant: broken[0], way: wayTo(key, from) } };
  }
  return { states: from.size };
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
