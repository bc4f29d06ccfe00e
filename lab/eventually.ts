import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** @default 120000 */
  readonly timeoutMs?: number;
  /** Milliseconds between two attempts. @default 100 */
  readonly intervalMs?: number;
  /** Ends the wait early, with the signal's own reason. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `probe` until it returns something other than undefined and false, and returns that. A `probe` that throws is
 * called again too; the error at the deadline has the last reason. Its signal ends with the wait.
 *
 * The default deadline only catches what never happens. It is not an assertion about speed: machines differ.
 */
export async function eventually<T extends NonNullable<unknown>>(
  what: string,
  probe: (signal: AbortSignal) => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 120_000, intervalMs = 100, signal }: EventuallyOptions = {},
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  let reason: Error | undefined;
  while (!either.aborted) {
    try {
      const result = await probe(either);
      if (result !== undefined && result !== false) return result;
      reason = undefined;
    } catch (error) {
      reason = error instanceof Error ? error : new Error(String(error));
    }
    await delay(intervalMs, undefined, { signal: either }).catch(() => undefined);
  }
  signal?.throwIfAborted();
  const why = reason === undefined ? '' : `: ${reason.message}`;
  throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}${why}`, { cause: reason });
}

/** A `probe` made of a check that throws until it passes, such as an assertion; its result is ignored. */
export function passes(check: (signal: AbortSignal) => unknown): (signal: AbortSignal) => Promise<true> {
  return async (signal) => {
    await check(signal);
    return true;
  };
}
