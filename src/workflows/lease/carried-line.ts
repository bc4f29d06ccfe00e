import { CARRIED_LIMIT, jsonBytes } from '../../manifest/size.ts';
import { present } from '../../validation/present.ts';
import { asList } from '../../validation/unknown-data.ts';
import { packRows, unpackRows } from './packed-rows.ts';

/** Bytes of the requests that a line carries as they are where it must pack the others: of about a thousand. */
const PLAIN_LIMIT = 250_000;

/** Bytes of an answer to a query. */
const ANSWER_LIMIT = 1_000_000;

export interface Line<Holder, Waiting> {
  readonly holders: readonly Holder[];
  /** In order. */
  readonly waiting: readonly Waiting[];
}

/**
 * A line as one run of a queue hands it to the next. Where Temporal takes it, it is not packed: its UI shows the
 * requests, and versions that know nothing of packed ones read all of them.
 */
export interface CarriedLine<Holder, Waiting> extends Line<Holder, Waiting> {
  /** The requests that follow, holders before waiting ones, as `packed-rows.ts` packs them. @default none follow */
  readonly packed?: readonly string[];
}

export interface CarryOutcome<Holder, Waiting> {
  readonly line: CarriedLine<Holder, Waiting>;
  /** How many of the waiting requests, and then of the holders, are left out because Temporal takes no more. */
  readonly left: number;
}

/** As much of a line as Temporal takes as the input of a run, from its beginning. */
export function carryLine<Holder extends object, Waiting extends object>({
  holders,
  waiting,
}: Line<Holder, Waiting>): CarryOutcome<Holder, Waiting> {
  const rows = [...holders.map((holder) => ({ ...holder, holds: true })), ...waiting];
  const all = plainPart(rows, CARRIED_LIMIT);
  const { count, bytes } = all.count === rows.length ? all : plainPart(rows, PLAIN_LIMIT);
  const packed = packRows(rows.slice(count), CARRIED_LIMIT - bytes);
  return {
    line: {
      holders: holders.slice(0, count),
      waiting: waiting.slice(0, Math.max(0, count - holders.length)),
      ...present({ packed: packed.count === 0 ? undefined : packed.blocks }),
    },
    left: rows.length - count - packed.count,
  };
}

export interface ShownLine<Holder, Waiting> extends Line<Holder, Waiting> {
  /** How many follow in each list. @default none follow */
  readonly more?: { readonly holders: number; readonly waiting: number };
}

/** As much of a line as Temporal takes as the answer to a query, from its beginning. */
export function shownLine<Holder, Waiting>({ holders, waiting }: Line<Holder, Waiting>): ShownLine<Holder, Waiting> {
  const { count } = plainPart([...holders, ...waiting], ANSWER_LIMIT);
  const line = { holders: holders.slice(0, count), waiting: waiting.slice(0, Math.max(0, count - holders.length)) };
  const more = {
    holders: holders.length - line.holders.length,
    waiting: waiting.length - line.waiting.length,
  };
  return more.holders + more.waiting === 0 ? line : { ...line, more };
}

/** A carried line of unknown shape; so are the requests in it. */
export function readLine(holders: unknown, waiting: unknown, packed: unknown): Line<unknown, unknown> {
  const rows = unpackRows(packed);
  return {
    holders: [...asList(holders), ...rows.filter((row) => row['holds'] === true)],
    waiting: [...asList(waiting), ...rows.filter((row) => row['holds'] !== true)],
  };
}

/** How many rows, from the first one, are not larger than a limit in bytes, and how large these are. */
function plainPart(rows: readonly unknown[], limit: number): { readonly count: number; readonly bytes: number } {
  let bytes = 0;
  for (const [count, row] of rows.entries()) {
    // With its comma.
    const next = bytes + jsonBytes(row) + 1;
    if (next > limit) return { count, bytes };
    bytes = next;
  }
  return { count: rows.length, bytes };
}
