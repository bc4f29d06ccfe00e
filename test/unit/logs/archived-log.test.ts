import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ArchivedLog, Superseded, type ArchivePlace } from '../../../src/logs/archived-log.ts';
import { DirectoryStore } from '../../../src/logs/directory-store.ts';
import { folderOf } from '../../../src/logs/layout.ts';
import { mergeParts } from '../../../src/logs/merge.ts';
import { readArchive } from '../../../src/logs/read-archive.ts';

const FOLDER = 'team/pi/run-1/attempt-1';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

function place(root = directory()): ArchivePlace & { readonly files: () => string[] } {
  const files = () => readdirSync(join(root, FOLDER)).sort();
  return { store: new DirectoryStore(root), folder: FOLDER, container: 'driver', files };
}

const position = (lines: number) => ({ at: '2026-11-30T12:00:00.000000001Z', lines, bytes: 0 });
const part = (text: string, lines: number, isLast = false) => ({
  bytes: Buffer.from(text),
  position: position(lines),
  isLast,
  hasGap: false,
});

async function content(of: ArchivePlace): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await readArchive(of))!.bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('continues where the last part ends', async () => {
  const log = place();
  const first = await ArchivedLog.open(log);
  expect(first).toMatchObject({ parts: 0, position: undefined, isComplete: false });
  await first.add(part('one\n', 1));
  await first.add(part('two\n', 2));
  const second = await ArchivedLog.open(log);
  expect(second).toMatchObject({ parts: 2, position: position(2), isComplete: false });
  await second.add(part('three\n', 3, true));
  expect(await ArchivedLog.open(log)).toMatchObject({ parts: 3, position: position(3), isComplete: true });
  expect(log.files()).toEqual(['driver.log.000001.gz', 'driver.log.000002.gz', 'driver.log.000003.gz']);
  expect(await content(log)).toBe('one\ntwo\nthree\n');
});

it('lets one of two followers add a part, and the other one learn of it', async () => {
  const log = place();
  const [one, other] = [await ArchivedLog.open(log), await ArchivedLog.open(log)];
  await one.add(part('one\n', 1));
  await expect(other.add(part('one\ntwo\n', 2))).rejects.toThrow(Superseded);
  await one.add(part('two\n', 2));
  expect(await content(log)).toBe('one\ntwo\n');
});

it('takes a part that was created by a call whose answer was lost as its own', async () => {
  const log = place();
  const create: typeof log.store.create = async (folder, name, body) => {
    await log.store.create(folder, name, body);
    throw new Error('the connection broke');
  };
  const interrupted = { ...log, store: Object.assign(Object.create(log.store) as typeof log.store, { create }) };
  const archive = await ArchivedLog.open(interrupted);
  await expect(archive.add(part('one\n', 1))).rejects.toThrow('the connection broke');
  interrupted.store.create = (...args) => log.store.create(...args);
  await archive.add(part('one\n', 1));
  await archive.add(part('two\n', 2));
  expect(await content(log)).toBe('one\ntwo\n');
});

it('becomes one object that every gzip reads', async () => {
  const root = directory();
  const log = place(root);
  const archive = await ArchivedLog.open(log);
  await archive.add(part('one\n', 1));
  await archive.add(part('', 1, true));
  expect(gunzip(root)).toBe('one\n');
  await mergeParts(log);
  expect(log.files()).toEqual(['driver.log.gz']);
  expect(gunzip(root)).toBe('one\n');
  expect(await content(log)).toBe('one\n');
  expect(await ArchivedLog.open(log)).toMatchObject({ isComplete: true });
});

it('keeps the logs of executors next to that of the driver', async () => {
  const log = place();
  await (await ArchivedLog.open(log)).add(part('driver\n', 1));
  const executor = { ...log, container: { executor: '12' } };
  await (await ArchivedLog.open(executor)).add(part('executor\n', 1));
  expect(log.files()).toEqual(['driver.log.000001.gz', 'executor-12.log.000001.gz']);
  expect(await content(executor)).toBe('executor\n');
  expect(await readArchive({ ...log, container: { executor: '1' } })).toBeUndefined();
});

it.each(['../../etc', '..', 'a/b', '', '.hidden'])('has no folder for a run that is called %j', (run) => {
  expect(() => folderOf({ namespace: 'team', name: 'pi', run, attempt: 1 })).toThrow(RangeError);
});

function gunzip(root: string): string {
  const files = readdirSync(join(root, FOLDER)).map((name) => join(root, FOLDER, name));
  return execFileSync('zcat', files, { encoding: 'utf8' });
}
