import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves with the first result that is not undefined or false; rejects with the last reason at the deadline. The
 * deadline is a net for what never comes, and no test's claim: machines differ in speed, and so does one by itself.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let reason: unknown;
  do {
    try {
      const result = await look();
      if (result !== undefined && result !== false) return result;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    await delay(100);
  } while (Date.now() < deadline);
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause: reason });
}
