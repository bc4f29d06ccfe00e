import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArchivedLog } from '../../src/logs/archived-log.ts';
import type { ArchiveStore } from '../../src/logs/archive-store.ts';
import { openLogArchive } from '../../src/logs/index.ts';
import { mergeParts } from '../../src/logs/merge.ts';
import { readArchive } from '../../src/logs/read-archive.ts';
import { S3_CREDENTIALS, startS3Server, type S3Server } from '../support/s3-server.ts';

let server: S3Server;
let store: ArchiveStore;

beforeAll(async () => {
  Object.assign(process.env, S3_CREDENTIALS);
  server = await startS3Server();
  store = await openLogArchive(server.archiveUrl);
});

afterAll(async () => {
  store?.close();
  await server?.[Symbol.asyncDispose]();
});

async function content(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('creates an object once, of however many writers', async () => {
  const bodies = ['one', 'two', 'three'].map((text) => Buffer.from(text));
  const created = await Promise.all(bodies.map((body) => store.create('a/b', 'object', body)));
  expect(created.filter(Boolean)).toHaveLength(1);
  expect(await content(store.read('a/b', 'object'))).toEqual(bodies[created.indexOf(true)]);
  expect(await store.create('a/b', 'object', Buffer.from('four'))).toBe(false);
});

it('lists the objects of a folder in order, over several pages, and not those of folders in it', async () => {
  const names = Array.from({ length: 1_050 }, (_, index) => `object-${String(index).padStart(4, '0')}`);
  for (let next = 0; next < names.length; next += 50) {
    const some = names.slice(next, next + 50);
    await Promise.all(some.map((name) => store.create('many', name, Buffer.from(name))));
  }
  await store.create('many/more', 'other', Buffer.from('other'));
  expect(await store.list('many')).toEqual(names.map((name) => ({ name, bytes: name.length })));
  expect(await store.list('none')).toEqual([]);
});

it('reads the beginning of an object, and fails where it does not exist', async () => {
  await store.create('read', 'object', Buffer.from('0123456789'));
  expect((await content(store.read('read', 'object', { firstBytes: 4 }))).toString()).toBe('0123');
  expect((await content(store.read('read', 'object', { firstBytes: 1024 }))).toString()).toBe('0123456789');
  await expect(content(store.read('read', 'other'))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await store.remove('read', 'object');
  await store.remove('read', 'object');
  expect(await store.list('read')).toEqual([]);
});

it('writes objects that are larger than one part of an upload', async () => {
  const piece = Buffer.alloc(2 ** 20, 'a log line\n');
  for (const pieces of [0, 1, 8, 9, 17]) {
    const body = async function* () {
      for (let index = 0; index < pieces; index += 1) yield piece;
    };
    await store.write('write', `object-${pieces}`, body());
    const stored = await content(store.read('write', `object-${pieces}`));
    expect(stored.equals(Buffer.concat(Array<Buffer>(pieces).fill(piece)))).toBe(true);
  }
});

it('keeps a log in parts, and makes one object of them at its end', async () => {
  const place = { store, folder: 'team/pi/run-1/attempt-1', container: 'driver' as const };
  const log = await ArchivedLog.open(place);
  const end = { position: { at: '2026-11-30T12:00:00Z', lines: 1, bytes: 0 }, hasGap: false };
  await log.add({ ...end, bytes: Buffer.from('one\n'), isLast: false });
  await (await ArchivedLog.open(place)).add({ ...end, bytes: Buffer.from('two\n'), isLast: true });
  await mergeParts(place);
  expect((await store.list(place.folder)).map(({ name }) => name)).toEqual(['driver.log.gz']);
  const archive = await readArchive(place);
  expect(archive!.location).toBe('s3://logs/spark/team/pi/run-1/attempt-1/driver.log.gz');
  expect((await content(archive!.bytes)).toString()).toBe('one\ntwo\n');
});
