import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from '../../../lab/file-lock.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'file-lock-test-'));
  path = join(directory, 'sub', 'lock');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('one works while the other waits', async () => {
  const events: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`${name} ends`);
  };
  await Promise.all([withFileLock(path, work('a')), withFileLock(path, work('b'))]);
  expect(events.slice(0, 2).map((event) => event.split(' ')[1])).toEqual(['begins', 'ends']);
  expect(events).toHaveLength(4);
});

test('failed work releases the lock', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that ended is void', async () => {
  await withFileLock(path, async () => undefined);
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'before the last reboot' }));
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});

test('a waiting process can stop waiting', async () => {
  const waiting = new AbortController();
  await withFileLock(path, async () => {
    const second = withFileLock(path, async () => 'done', waiting.signal);
    waiting.abort(new Error('given up'));
    await expect(second).rejects.toThrow();
  });
});
