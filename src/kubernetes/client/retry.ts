import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesError } from '../errors/kubernetes-error.ts';
import { present } from '../../validation/present.ts';

/** How often, and how patiently, a call is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first. @default 5 */
  readonly maxRetries: number;
  /** No try begins later than this after the first, but for one that the server asked for. @default 15000 */
  readonly giveUpAfterMs: number;
  /** Longest first delay; it doubles with each try. @default 100 */
  readonly initialDelayMs: number;
  /** Longest delay of our own choosing. @default 5000 */
  readonly maxDelayMs: number;
  /** A `Retry-After` beyond this is left to the caller; the error carries it. @default 30000 */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxRetries: 5,
  giveUpAfterMs: 15_000,
  initialDelayMs: 100,
  maxDelayMs: 5_000,
  maxRetryAfterMs: 30_000,
};

/** A delay that doubles with each try, at random so that calls that failed together are not retried together. */
export function backoffMs(
  retry: number,
  { initialDelayMs, maxDelayMs }: Pick<RetryPolicy, 'initialDelayMs' | 'maxDelayMs'>,
): number {
  return Math.min(maxDelayMs, initialDelayMs * 2 ** retry) * (0.5 + Math.random() / 2);
}

/**
 * Tries until it works, may not be tried again, or the policy ends it; then throws the last error. A `Retry-After` is
 * waited for, and a little longer for the reason above. Throws the signal's reason where that ends the wait.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  mayRetry: (error: unknown) => error is KubernetesError,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  onRetry?: (error: KubernetesError) => void,
): Promise<T> {
  const startedAt = Date.now();
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayRetry(error) || retry >= policy.maxRetries) throw error;
      const asked = error.retryAfterMs;
      const delay = backoffMs(retry, policy) + (asked ?? 0);
      const tooLate =
        asked === undefined ? Date.now() + delay - startedAt > policy.giveUpAfterMs : asked > policy.maxRetryAfterMs;
      if (tooLate) throw error;
      onRetry?.(error);
      await sleep(delay, undefined, present({ signal })).catch(() => signal?.throwIfAborted());
    }
  }
}
