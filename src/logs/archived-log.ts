import { randomUUID } from 'node:crypto';
import type { ArchiveStore, StoredObject } from './archive-store.ts';
import { LogNames, type LoggedContainer } from './layout.ts';
import { compress, decodeHeader, encodePart, HEADER_BYTES, type PartHeader } from './part.ts';
import type { LogPosition } from './timed-log.ts';
import { present } from '../validation/present.ts';

/** Another follower has added to the log: the store has its new end. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** Where a log is archived. */
export interface ArchivePlace {
  readonly store: ArchiveStore;
  readonly folder: string;
  readonly container: LoggedContainer;
}

/** What is added to the end of an archived log. */
export interface Addition extends Omit<PartHeader, 'writer'> {
  /** Behind what is archived already, and before `position`. */
  readonly bytes: Uint8Array;
}

/**
 * The end of an archived log, to which one follower adds. It consists of numbered parts, and each has the position behind it: a
 * follower that opens it continues there. Of two followers one creates the next part, and the other is superseded.
 */
export class ArchivedLog {
  /** Of the last part; absent where no part exists, or nothing was written. */
  position: LogPosition | undefined;
  isComplete: boolean;
  hasGap: boolean;
  /** Of the last part; 0 where no part exists. */
  parts: number;
  private readonly place: ArchivePlace;
  private readonly names: LogNames;
  private readonly writer = randomUUID();

  private constructor(place: ArchivePlace, parts: number, last: PartHeader | undefined, isWhole: boolean) {
    this.place = place;
    this.names = new LogNames(place.container);
    this.parts = parts;
    this.position = last?.position;
    this.isComplete = isWhole || last?.isLast === true;
    this.hasGap = last?.hasGap === true;
  }

  static async open(place: ArchivePlace, signal?: AbortSignal): Promise<ArchivedLog> {
    const { store, folder, container } = place;
    const names = new LogNames(container);
    const { whole, parts } = objectsOf(names, await store.list(folder, signal));
    const last = parts.at(-1);
    if (whole !== undefined || last === undefined) {
      return new ArchivedLog(place, last?.number ?? 0, undefined, whole !== undefined);
    }
    const header = await readHeader(place, last.name, signal);
    return new ArchivedLog(place, last.number, header, false);
  }

  /** @throws Superseded where another follower has added the next part; what the store throws */
  async add({ bytes, ...end }: Addition, signal?: AbortSignal): Promise<void> {
    const { store, folder } = this.place;
    const name = this.names.part(this.parts + 1);
    const members = bytes.length === 0 ? [] : [await compress(bytes)];
    const isNew = await store.create(folder, name, encodePart({ ...end, writer: this.writer }, members), signal);
    // A part that was created by a call whose answer was lost is ours.
    if (!isNew && (await readHeader(this.place, name, signal)).writer !== this.writer) {
      throw new Superseded(`Another worker has written ${store.url}/${folder}/${name}.`);
    }
    this.parts += 1;
    this.position = end.position;
    this.isComplete = end.isLast;
    this.hasGap = end.hasGap;
  }
}

/** The objects of one log. */
export interface LogObjects {
  readonly whole?: StoredObject;
  /** Without a hole, from 1. */
  readonly parts: readonly (StoredObject & { readonly number: number })[];
}

export function objectsOf(names: LogNames, objects: readonly StoredObject[]): LogObjects {
  const parts = objects
    .flatMap((object) => {
      const number = names.numberOf(object.name);
      return number === undefined ? [] : [{ ...object, number }];
    })
    .sort((one, other) => one.number - other.number);
  return {
    ...present({ whole: objects.find(({ name }) => name === names.whole) }),
    parts: parts.filter(({ number }, index) => number === index + 1),
  };
}

async function readHeader({ store, folder }: ArchivePlace, name: string, signal?: AbortSignal): Promise<PartHeader> {
  const chunks: Uint8Array[] = [];
  const options = { firstBytes: HEADER_BYTES, ...present({ signal }) };
  for await (const chunk of store.read(folder, name, options)) chunks.push(chunk);
  return decodeHeader(Buffer.concat(chunks));
}
