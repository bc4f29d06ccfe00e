import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import type { LogPosition } from './timed-log.ts';

/**
 * What a part of an archived log reports about itself. It is the comment of the first gzip member of the part, which holds
 * nothing else: the position and what stands before it are stored in one step, and every gzip reads a part.
 */
export interface PartHeader {
  /** Behind this part; absent where nothing was written. */
  readonly position?: LogPosition;
  /** Identifies the follower that wrote it. */
  readonly writer: string;
  /** Nothing follows: the container has ended, and its log was read to the end. */
  readonly isLast: boolean;
  /** The kubelet had rotated away a part of the log before it was read: it is missing before this part. */
  readonly hasGap: boolean;
}

/** Longer than the member of any header. */
export const HEADER_BYTES = 1024;

const MAGIC = 'temporal-spark ';
const HAS_COMMENT = 0x10;
const FIXED_BYTES = 10;
/** An empty body: its deflated form, its checksum and its length. */
const NOTHING = Buffer.from([0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const deflate = promisify(deflateRaw);

/** @param members results of `compress` */
export function encodePart(header: PartHeader, members: readonly Uint8Array[]): Buffer {
  const comment = Buffer.from(`${MAGIC}${JSON.stringify(header)}\0`, 'latin1');
  return Buffer.concat([fixedHeader(HAS_COMMENT), comment, NOTHING, ...members]);
}

/** One gzip member. */
export async function compress(bytes: Uint8Array): Promise<Buffer> {
  // A small window costs a tenth of the memory, and a log repeats itself soon.
  const body = await deflate(bytes, { windowBits: 13, memLevel: 6, level: constants.Z_BEST_SPEED });
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(bytes), 0);
  end.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([fixedHeader(0), body, end]);
}

/**
 * The header of a part that begins with these bytes.
 *
 * @throws SyntaxError where they are not the beginning of a part
 */
export function decodeHeader(bytes: Buffer): PartHeader {
  const end = bytes.indexOf(0, FIXED_BYTES);
  const comment = bytes.toString('latin1', FIXED_BYTES, end);
  if (bytes[0] !== 0x1f || bytes[3] !== HAS_COMMENT || end === -1 || !comment.startsWith(MAGIC)) {
    throw new SyntaxError('not a part of an archived log');
  }
  return JSON.parse(comment.slice(MAGIC.length)) as PartHeader;
}

function fixedHeader(flags: number): Buffer {
  return Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0xff]);
}
