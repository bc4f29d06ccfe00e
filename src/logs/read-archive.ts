import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ArchivePlace, objectsOf } from './archived-log.ts';
import { LogNames } from './layout.ts';
import { present } from '../validation/present.ts';

/** An archived log, as the container wrote it. */
export interface ReadArchive {
  /** Of the objects that it is read from, for people. */
  readonly location: string;
  /** As many bytes at a time as memory allows. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** @returns undefined where the archive has nothing of the container */
export async function readArchive(place: ArchivePlace, signal?: AbortSignal): Promise<ReadArchive | undefined> {
  const { store, folder, container } = place;
  const { whole, parts } = objectsOf(new LogNames(container), await store.list(folder, signal));
  const objects = whole === undefined ? parts : [whole];
  if (objects.length === 0) return undefined;
  async function* content(): AsyncIterable<Uint8Array> {
    for (const { name } of objects) yield* store.read(folder, name, present({ signal }));
  }
  const base = `${store.url}/${folder}`;
  return {
    location: whole === undefined ? `${base}/${parts[0]!.name}…` : `${base}/${whole.name}`,
    bytes: inflated(content()),
  };
}

async function* inflated(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  const source = Readable.from(content, { objectMode: false });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
