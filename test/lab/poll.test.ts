import { expect, test } from 'vitest';
import { poll } from '../../lab/poll.ts';

test('tries until an attempt succeeds', async () => {
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    if (++attempts < 3) throw new Error('not yet');
    return 'done';
  };
  expect(await poll(attempt, { what: 'it', intervalMs: 1 })).toBe('done');
  expect(attempts).toBe(3);
});

test('says at the deadline what it waited for and why it was in vain', async () => {
  const attempt = (): Promise<never> => Promise.reject(new Error('connection refused'));
  await expect(poll(attempt, { what: 'the server', timeoutMs: 50, intervalMs: 5 })).rejects.toThrow(
    'Waited 0.05 s in vain for the server: connection refused',
  );
});

test('ends an attempt that hangs at the deadline', async () => {
  const attempt = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('hung'))));
  await expect(poll(attempt, { what: 'it', timeoutMs: 50 })).rejects.toThrow('hung');
});

test('rejects with the reason of the caller who gives up', async () => {
  const caller = new AbortController();
  const attempt = (): Promise<never> => Promise.reject(new Error('not yet'));
  const polling = poll(attempt, { what: 'it', signal: caller.signal });
  caller.abort(new Error('given up'));
  await expect(polling).rejects.toThrow('given up');
});
