import type { Activity } from './activity.ts';

/** At most, between two questions to a server that is busy. */
const BUSY_MS = 60_000;

export type IdleDecision =
  | { readonly do: 'stop' }
  /** Ask again after that time. */
  | { readonly do: 'wait'; readonly ms: number };

export interface IdleFacts {
  readonly idleMs: number;
  /** By the API server's clock. */
  readonly nowMs: number;
  /** When the server became ready, or was last requested; the later of both. */
  readonly sinceMs: number;
}

/**
 * Whether a server is idle. Follows from what the server itself reports: a restart of the operator loses nothing. The
 * server is asked only once it may be idle.
 *
 * @param ask what the server reports
 */
export async function decideIdle(
  { idleMs, nowMs, sinceMs }: IdleFacts,
  ask: () => Promise<Activity>,
): Promise<IdleDecision> {
  const dueMs = sinceMs + idleMs - nowMs;
  if (dueMs > 0) return { do: 'wait', ms: dueMs };
  const { isBusy, endedAtMs = 0 } = await ask();
  if (isBusy) return { do: 'wait', ms: Math.min(idleMs, BUSY_MS) };
  const againMs = endedAtMs + idleMs - nowMs;
  return againMs > 0 ? { do: 'wait', ms: againMs } : { do: 'stop' };
}
