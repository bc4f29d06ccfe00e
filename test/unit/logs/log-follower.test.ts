import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, passes } from '../../../lab/eventually.ts';
import type { ArchiveStore } from '../../../src/logs/archive-store.ts';
import { ArchivedLog } from '../../../src/logs/archived-log.ts';
import { DirectoryStore } from '../../../src/logs/directory-store.ts';
import { LogFollower, type FollowOptions } from '../../../src/logs/log-follower.ts';
import { readArchive } from '../../../src/logs/read-archive.ts';
import { SimulatedKubelet } from './simulated-kubelet.ts';

const SOON = 60_000;
const never = new AbortController().signal;

function fixture({ store = directoryStore() }: { readonly store?: ArchiveStore } = {}) {
  const kubelet = new SimulatedKubelet();
  const place = { store, folder: 'team/pi/run-1/attempt-1', container: 'driver' as const };
  const log = { ...place, kubernetes: kubelet.client, namespace: 'team', pod: 'pi-driver', containerName: 'spark' };
  const follow = (options: FollowOptions = { flushMs: 1, partBytes: 20 }) => new LogFollower(log, options);
  const archived = async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await readArchive(place))?.bytes ?? []) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return { kubelet, place, follow, archived };
}

function directoryStore(): DirectoryStore {
  const root = mkdtempSync(join(tmpdir(), 'logs-'));
  // Parts are merged in the background, and a follower that was stopped may still store one.
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return new DirectoryStore(root);
}

/** A store that does not answer while `isAway`. */
function unreliableStore() {
  const state = { isAway: false, store: directoryStore() as ArchiveStore };
  const inner = state.store;
  const whileThere = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A) => {
      if (state.isAway) throw new Error('the store does not answer');
      return call.apply(inner, args);
    };
  };
  const overrides = { create: whileThere(inner.create.bind(inner)), list: whileThere(inner.list.bind(inner)) };
  state.store = Object.assign(Object.create(inner) as ArchiveStore, overrides);
  return state;
}

const until = (check: () => Promise<void>) =>
  eventually('the archive', passes(check), { timeoutMs: SOON, intervalMs: 5 });

it('archives a log while it is written, to its last byte', async () => {
  const { kubelet, follow, archived } = fixture();
  const follower = follow();
  kubelet.write('one', 'two');
  await until(async () => expect(await archived()).toBe('one\ntwo\n'));
  kubelet.write('three', '');
  kubelet.end();
  expect(await follower.finish(SOON, never)).toEqual({ isComplete: true });
  expect(await archived()).toBe('one\ntwo\nthree\n\n');
});

it('archives an empty log', async () => {
  const { kubelet, follow, archived } = fixture();
  kubelet.end();
  expect(await follow().finish(SOON, never)).toEqual({ isComplete: true });
  expect(await archived()).toBe('');
});

it('continues where the archive ends, for as many workers as die', async () => {
  const { kubelet, follow, archived } = fixture();
  for (let worker = 0; worker < 12; worker += 1) {
    const follower = follow({ flushMs: 1, partBytes: 1 + worker * 7 });
    kubelet.write(...Array.from({ length: worker }, (_, line) => `line ${line} of worker ${worker}`));
    await until(async () => expect((await archived()).length).toBeGreaterThan(kubelet.content.length / 2 - 1));
    follower.stop();
    kubelet.write('no worker follows');
  }
  kubelet.end();
  expect(await follow().finish(SOON, never)).toEqual({ isComplete: true });
  expect(await archived()).toBe(kubelet.content);
  expect(kubelet.reads.at(-1)?.sinceTime).toBeDefined();
});

it('stores nothing twice where a worker that counts as dead still follows', async () => {
  const { kubelet, follow, archived } = fixture();
  const followers = [follow(), follow(), follow()];
  for (let line = 0; line < 30; line += 1) {
    kubelet.write(`line ${line}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  kubelet.end();
  const ends = await Promise.all(followers.map((follower) => follower.finish(SOON, never)));
  expect(ends).toEqual([{ isComplete: true }, { isComplete: true }, { isComplete: true }]);
  expect(await archived()).toBe(kubelet.content);
});

it('continues after an API server that lost the kubelet ended the log too early', async () => {
  const { kubelet, follow, archived } = fixture();
  const follower = follow();
  kubelet.write('one');
  await until(async () => expect(await archived()).toBe('one\n'));
  kubelet.interrupt();
  kubelet.write('two');
  await until(async () => expect(await archived()).toBe('one\ntwo\n'));
  kubelet.end();
  expect(await follower.finish(SOON, never)).toEqual({ isComplete: true });
});

it('is complete where the log of a deleted driver was read to its end before the kubelet removed it', async () => {
  const { kubelet, follow, archived } = fixture();
  const follower = follow({ flushMs: SOON, partBytes: 10_000 });
  kubelet.write('one');
  await follower.reading;
  kubelet.write('the last line');
  kubelet.remove();
  expect(await follower.finish(SOON, never)).toEqual({ isComplete: true });
  expect(await archived()).toBe('one\nthe last line\n');
});

it('reports what the kubelet removed before it was read', async () => {
  const { kubelet, follow, archived } = fixture();
  const first = follow();
  kubelet.write('one');
  await until(async () => expect(await archived()).toBe('one\n'));
  first.stop();
  kubelet.write('two');
  kubelet.remove();
  expect(await follow().finish(SOON, never)).toEqual({
    isComplete: false,
    problem: 'the kubelet has removed it: pods "pi-driver" not found',
  });
  expect(await archived()).toBe('one\n');
});

it('reports what the kubelet rotated away before it was read, and keeps the rest', async () => {
  const { kubelet, follow, archived } = fixture();
  const first = follow();
  kubelet.write('one');
  await until(async () => expect(await archived()).toBe('one\n'));
  first.stop();
  kubelet.write('two', 'three', 'four', 'five');
  kubelet.rotate(3);
  kubelet.end();
  const end = await follow().finish(SOON, never);
  expect(end.isComplete).toBe(false);
  expect(end.problem).toContain('rotated');
  expect(await archived()).toBe('one\nfour\nfive\n');
});

it('reports a gap where the kubelet rotated everything away, and nothing came later', async () => {
  const { kubelet, follow, archived } = fixture();
  const first = follow();
  kubelet.write('one');
  await until(async () => expect(await archived()).toBe('one\n'));
  first.stop();
  kubelet.write('two');
  kubelet.rotate(2);
  kubelet.end();
  expect(await follow().finish(SOON, never)).toMatchObject({ isComplete: false });
  expect(await archived()).toBe('one\n');
});

it('waits for a store that is away, with one part in memory, and loses nothing', async () => {
  const state = unreliableStore();
  const { kubelet, follow, archived } = fixture({ store: state.store });
  const follower = follow({ flushMs: 1, partBytes: 100 });
  kubelet.write('one');
  await until(async () => expect(await archived()).toBe('one\n'));
  state.isAway = true;
  const lines = Array.from({ length: 500 }, (_, line) => `line ${line} while the store is away`);
  kubelet.write(...lines);
  kubelet.remove();
  const finished = follower.finish(SOON, never);
  state.isAway = false;
  expect(await finished).toEqual({ isComplete: true });
  expect(await archived()).toBe(kubelet.content);
});

it('ends at the deadline where the store stays away, and reports why', async () => {
  const state = unreliableStore();
  state.isAway = true;
  const { kubelet, follow } = fixture({ store: state.store });
  const follower = follow();
  kubelet.write('one');
  kubelet.end();
  expect(await follower.finish(50, never)).toEqual({ isComplete: false, problem: 'the store does not answer' });
});

it('ends with the activity that watches the driver', async () => {
  const { kubelet, follow } = fixture();
  const follower = follow();
  kubelet.write('one');
  const aborting = new AbortController();
  const finished = follower.finish(SOON, aborting.signal);
  aborting.abort(new Error('the worker shuts down'));
  await expect(finished).rejects.toThrow('the worker shuts down');
});

it('stores what it has read where the rest never comes', async () => {
  const { kubelet, follow, archived } = fixture();
  const follower = follow({ flushMs: SOON, partBytes: 10_000 });
  kubelet.write('one');
  await eventually('the line to be read', () => kubelet.isDrained, { intervalMs: 5 });
  expect(await follower.finish(50, never)).toMatchObject({ isComplete: false });
  await until(async () => expect(await archived()).toBe('one\n'));
});

it('stores what it has read where the kubelet has removed the rest, with the place behind it', async () => {
  const { kubelet, follow, archived, place } = fixture();
  const error = 'unable to retrieve container logs';
  kubelet.client.readLog = async function* () {
    yield Buffer.from(`2026-11-30T12:00:00.000000001Z one\n${error}`);
  };
  const end = await follow({ flushMs: SOON, partBytes: 10_000 }).finish(SOON, never);
  expect(end).toEqual({ isComplete: false, problem: `the kubelet has removed it: ${error}` });
  expect(await archived()).toBe('one\n');
  const position = { at: '2026-11-30T12:00:00.000000001Z', lines: 1, bytes: 0 };
  expect(await ArchivedLog.open(place)).toMatchObject({ position, isComplete: false });
});
