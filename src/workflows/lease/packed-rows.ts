import { concatBytes } from '@noble/hashes/utils.js';
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate/browser';
import { asList, asText } from '../../validation/unknown-data.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { fromColumns, toColumns } from './columns.ts';

// The version of fflate is exact: a workflow decides by the size of what is packed whether it continues as new.

/** Few enough that deflate, which looks back 32 KiB, finds similar values in the column before. */
const ROWS_OF_BLOCK = 250;

// What the input of a workflow may expand to; any client can start one.
const BLOCKS_LIMIT = 400;
const PARTS_LIMIT = 10;
const JSON_LIMIT = 8_000_000;
/** Bytes that are expanded before the size is checked: each can become a thousand. */
const STEP = 8_192;

export interface PackedRows {
  /**
   * Each of some rows: the values of their columns as JSON, compressed (RFC 1951), then the UUIDs; all of them as base64
   * with dots between them.
   */
  readonly blocks: readonly string[];
  /** How many rows, from the first one, are in the blocks. */
  readonly count: number;
}

/**
 * Packs rows, in their order, as long as there is room.
 *
 * @param bytes limit for the blocks as JSON
 */
export function packRows(rows: readonly object[], bytes: number): PackedRows {
  const blocks: string[] = [];
  let count = 0;
  let left = bytes;
  let json = JSON_LIMIT;
  while (count < rows.length && blocks.length < BLOCKS_LIMIT) {
    const some = rows.slice(count, count + ROWS_OF_BLOCK);
    const { values, uuids } = toColumns(some);
    const text = strToU8(JSON.stringify(values));
    json -= text.length;
    if (json < 0) break;
    const block = [deflateSync(text), ...uuids].map(toBase64).join('.');
    // With quotes and comma.
    left -= block.length + 3;
    if (left < 0) break;
    blocks.push(block);
    count += some.length;
  }
  return { blocks, count };
}

/** The rows of blocks of unknown shape: a malformed block has none. */
export function unpackRows(blocks: unknown): Record<string, unknown>[] {
  let json = JSON_LIMIT;
  return asList(blocks)
    .slice(0, BLOCKS_LIMIT)
    .flatMap((block) => {
      const [values, ...uuids] = (asText(block) ?? '').split('.', PARTS_LIMIT).map(fromBase64);
      const text = values === undefined ? undefined : inflate(values, json);
      json -= text?.length ?? 0;
      return text === undefined ? [] : fromColumns(parsed(text), uuids, ROWS_OF_BLOCK);
    });
}

/** Undefined for what is malformed, or larger than the limit in bytes. */
function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((part) => {
    parts.push(part);
    length += part.length;
  });
  try {
    for (let from = 0; from < bytes.length && length <= limit; from += STEP) {
      stream.push(bytes.subarray(from, from + STEP), from + STEP >= bytes.length);
    }
  } catch {
    return undefined;
  }
  return length > limit ? undefined : concatBytes(...parts);
}

function parsed(text: Uint8Array): unknown {
  try {
    return JSON.parse(strFromU8(text));
  } catch {
    return undefined;
  }
}
