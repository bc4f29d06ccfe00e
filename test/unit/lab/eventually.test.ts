import { expect, test } from 'vitest';
import { eventually, passes } from '../../../lab/eventually.ts';

test('calls again after an error, undefined and false, and returns the first other result', async () => {
  const answers = [() => Promise.reject(new Error('not yet')), () => undefined, () => false as const, () => 'done'];
  let attempts = 0;
  expect(await eventually('it', () => answers[attempts++]!(), { intervalMs: 1 })).toBe('done');
  expect(attempts).toBe(4);
});

test('the error at the deadline has what it waited for, how long, and the last reason', async () => {
  const refused = new Error('connection refused');
  const options = { timeoutMs: 50, intervalMs: 5 };
  await expect(eventually('the server', () => Promise.reject(refused), options)).rejects.toMatchObject({
    message: 'timed out after 0.05 s waiting for the server: connection refused',
    cause: refused,
  });
  await expect(eventually('the pod', () => undefined, options)).rejects.toThrow(
    /^timed out after 0.05 s waiting for the pod$/,
  );
});

test('makes one attempt at least', async () => {
  expect(await eventually('it', () => 'done', { timeoutMs: 0 })).toBe('done');
});

test('ends an attempt that hangs at the deadline', async () => {
  const attempt = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('hung'))));
  await expect(eventually('it', attempt, { timeoutMs: 50 })).rejects.toThrow('hung');
});

test('rejects with the reason of the caller that aborts it', async () => {
  const caller = new AbortController();
  const waiting = eventually('it', () => Promise.reject(new Error('not yet')), { signal: caller.signal });
  caller.abort(new Error('stopped by the caller'));
  await expect(waiting).rejects.toThrow('stopped by the caller');
});

test('a check passes when it no longer throws, whatever it returns', async () => {
  let attempts = 0;
  const check = (): void => expect(++attempts).toBe(3);
  await eventually('the third attempt', passes(check), { intervalMs: 1 });
  expect(attempts).toBe(3);
});
