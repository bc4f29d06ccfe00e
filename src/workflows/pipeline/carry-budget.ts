import type { SparkPipeline } from '../../manifest/index.ts';
import { CARRIED_LIMIT, ITEM_BYTES, jsonBytes, STAGE_BYTES } from '../../manifest/pipeline/size.ts';
import { isSettled, type StageRecord } from './stage-record.ts';

const TEXT_RESERVE = 100_000;

/** How much more a run may keep of its stages, so that it can hand all of it to the run that continues it. */
export class CarryBudget {
  private left: number;

  constructor({ metadata, spec }: SparkPipeline, records: Readonly<Record<string, StageRecord>>) {
    this.left = CARRIED_LIMIT - jsonBytes([metadata, spec]) - spec.stages.length * STAGE_BYTES;
    for (const record of Object.values(records)) this.left -= bytesOf(record);
  }

  /** Bytes that are left. */
  get remaining(): number {
    return Math.max(this.left, 0);
  }

  /** Counts so many bytes; false, and nothing is counted, where they are too many. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  /** As `take`, for what explains why something else was too large: it has a little room of its own. */
  takeText(bytes: number): boolean {
    if (bytes > this.left + TEXT_RESERVE) return false;
    this.left -= bytes;
    return true;
  }

  /** Counts what is kept in any case. */
  spend(bytes: number): void {
    this.left -= bytes;
  }

  giveBack(bytes: number): void {
    this.left += bytes;
  }
}

/** What the items of a fan-out take while it runs. */
export function itemsBytes(items: readonly unknown[]): number {
  return jsonBytes(items) + items.length * ITEM_BYTES;
}

function bytesOf(record: StageRecord): number {
  const { items, outputs, message, units, done } = record;
  return [
    outputs === undefined ? 0 : jsonBytes(outputs),
    message === undefined ? 0 : jsonBytes(message),
    done === undefined ? 0 : jsonBytes(done),
    items === undefined || isSettled(record) ? 0 : itemsBytes(items),
    ...units.flatMap((unit) => [unit.outputs, unit.message].map((kept) => (kept === undefined ? 0 : jsonBytes(kept)))),
  ].reduce((sum, bytes) => sum + bytes, 0);
}
