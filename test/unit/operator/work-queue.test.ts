import { expect, it } from 'vitest';
import { WorkQueue, type WorkQueueOptions } from '../../../src/operator/work-queue.ts';

function queueOf(work: WorkQueueOptions['work'], options: Partial<WorkQueueOptions> = {}): WorkQueue {
  return new WorkQueue({
    work,
    concurrency: 10,
    backoff: { initialMs: 1, maximumMs: 4 },
    onError: () => {},
    ...options,
  });
}

it('works on a key once at a time, and once more where it was added meanwhile', async () => {
  const releases: (() => void)[] = [];
  const queue = queueOf(async () => {
    await new Promise<void>((resolve) => releases.push(resolve));
    return undefined;
  });
  for (let times = 0; times < 3; times += 1) queue.add('a');
  expect(releases).toHaveLength(1);
  releases[0]!();
  await new Promise(setImmediate);
  expect(releases).toHaveLength(2);
  releases[1]!();
  await new Promise(setImmediate);
  expect(queue.size).toBe(0);
});

it('works on at most so many keys at once', async () => {
  let running = 0;
  let most = 0;
  const done: string[] = [];
  const queue = queueOf(
    async (key) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(key);
      return undefined;
    },
    { concurrency: 3 },
  );
  const keys = Array.from({ length: 20 }, (_, index) => String(index));
  for (const key of keys) queue.add(key);
  while (queue.size > 0) await new Promise(setImmediate);
  expect(done.sort()).toEqual(keys.sort());
  expect(most).toBe(3);
});

it('works on a key again after a failure, and reports it', async () => {
  const errors: unknown[] = [];
  let tries = 0;
  const worked = new Promise<void>((resolve) => {
    const queue = queueOf(
      async () => {
        tries += 1;
        if (tries < 4) throw new Error(`try ${tries}`);
        resolve();
        return undefined;
      },
      { onError: (key, error) => errors.push([key, (error as Error).message]) },
    );
    queue.add('a');
  });
  await worked;
  expect(errors).toEqual([
    ['a', 'try 1'],
    ['a', 'try 2'],
    ['a', 'try 3'],
  ]);
});

it('stops once what is under way has ended', async () => {
  let release = () => {};
  const queue = queueOf(() => new Promise((resolve) => (release = () => resolve(1))));
  queue.add('a');
  const stopped = queue.stop();
  queue.add('b');
  release();
  await stopped;
  expect(queue.size).toBe(0);
});
