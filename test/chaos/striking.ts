import { setTimeout as delay } from 'node:timers/promises';
import { strike } from './blows.ts';
import { Fault } from './fault.ts';
import type { Lane } from './lane.ts';

/** The blow falls when no call has been held for this long: one blow, and each is where it must be. */
const QUIET_MS = 2_000;
/** But no call is held for longer than this: a workflow task is given to another worker after ten seconds. */
const LONGEST_HOLD_MS = 6_000;

/** Lets one kind of blow fall on these lanes, each time on all of them, until it has fallen at every point. */
export async function strikeAll(lanes: readonly Lane[]): Promise<void> {
  const { target } = lanes[0]!;
  while (lanes.some((lane) => lane.isOpen)) {
    await delay(50);
    const since = lanes.flatMap(({ heldSince }) => heldSince ?? []);
    if (since.length === 0) continue;
    const quietMs = Date.now() - Math.max(...since.map(({ last }) => last));
    const heldMs = Date.now() - Math.min(...since.map(({ first }) => first));
    const isComplete = lanes.every((lane) => lane.isComplete) || target.blow.fault === Fault.None;
    if (!isComplete && quietMs < QUIET_MS && heldMs < LONGEST_HOLD_MS) continue;
    const held = lanes.flatMap((lane) => lane.take());
    const logs = lanes.map(({ blows }) => blows);
    await strike(target, held, logs);
  }
}
