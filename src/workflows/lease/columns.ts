import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { asList, asRecord, isRecord, setOwn } from '../../validation/unknown-data.ts';

/** As Temporal writes it, and as submission IDs are. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Of its bytes. */
const HEX_DIGITS = 32;

/** Rows of JSON by property: similar values become neighbours. */
export interface Columns {
  /** The values of each property, in the order of the rows; null where a row has none. */
  readonly values: Readonly<Record<string, readonly unknown[] | UuidColumn>>;
  /** The values of properties that are UUIDs in all rows, 16 bytes each: nothing compresses them. */
  readonly uuids: readonly Uint8Array[];
}

interface UuidColumn {
  /** Index in `uuids`. */
  readonly uuids: number;
}

export function toColumns(rows: readonly object[]): Columns {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const uuids: Uint8Array[] = [];
  const values = [...names].map((name) => {
    const column = rows.map((row) => (row as Readonly<Record<string, unknown>>)[name] ?? null);
    const bytes = uuidBytes(column);
    return [name, bytes === undefined ? column : { uuids: uuids.push(bytes) - 1 }] as const;
  });
  return { values: Object.fromEntries(values), uuids };
}

/**
 * The rows again, without the properties that were null.
 *
 * @param values of unknown shape: what is not of the right one is left out
 * @param limit number of rows at most
 */
export function fromColumns(
  values: unknown,
  uuids: readonly (Uint8Array | undefined)[],
  limit: number,
): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  for (const [name, column] of Object.entries(asRecord(values))) {
    const all = isRecord(column) ? uuidsIn(uuids[numberIn(column['uuids'])]) : asList(column);
    for (const [index, value] of all.slice(0, limit).entries()) {
      const row = (rows[index] ??= {});
      if (value !== null) setOwn(row, name, value);
    }
  }
  return rows;
}

const numberIn = (value: unknown): number => (typeof value === 'number' ? value : NaN);

function uuidBytes(values: readonly unknown[]): Uint8Array | undefined {
  const areUuids = values.every((value) => typeof value === 'string' && UUID.test(value));
  return areUuids ? hexToBytes(values.join('').replaceAll('-', '')) : undefined;
}

function uuidsIn(bytes: Uint8Array = new Uint8Array()): readonly string[] {
  const hex = bytesToHex(bytes);
  return Array.from({ length: Math.floor(hex.length / HEX_DIGITS) }, (_, index) => {
    const uuid = hex.slice(index * HEX_DIGITS, (index + 1) * HEX_DIGITS);
    return [uuid.slice(0, 8), uuid.slice(8, 12), uuid.slice(12, 16), uuid.slice(16, 20), uuid.slice(20)].join('-');
  });
}
