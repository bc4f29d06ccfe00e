import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** What is waited for, for the message of the error. */
  readonly what: string;
  /** @default 60000 */
  readonly timeoutMs?: number;
  /** @default 50 */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `attempt` until it does not throw, and returns what it returned. An attempt gets a signal that ends with the
 * deadline. Rejects at the deadline with the reason of the last attempt as its cause.
 */
export async function poll<T>(attempt: (signal: AbortSignal) => Promise<T>, options: PollOptions): Promise<T> {
  const { what, timeoutMs = 60_000, intervalMs = 50, signal } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  let last: unknown;
  while (!either.aborted) {
    try {
      return await attempt(either);
    } catch (error) {
      last = error;
    }
    await delay(intervalMs, undefined, { signal: either }).catch(() => undefined);
  }
  signal?.throwIfAborted();
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}: ${reason}`, { cause: last });
}
