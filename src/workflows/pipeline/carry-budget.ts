import type { SparkPipeline } from '../../manifest/index.ts';
import { CARRIED_LIMIT, ITEM_BYTES, jsonBytes, STAGE_BYTES } from '../../manifest/size.ts';
import { isSettled, type StageRecord } from './stage-record.ts';
import type { UnitRecord } from './unit-record.ts';

const TEXT_RESERVE = 100_000;

/** The bytes that a run may still keep of its stages, so that all of it fits into continue-as-new. */
export class CarryBudget {
  private left: number;

  private constructor(left: number) {
    this.left = left;
  }

  /** What a manifest and the records of its stages leave. */
  static of({ metadata, spec }: SparkPipeline, records: Iterable<StageRecord>): CarryBudget {
    const left = CARRIED_LIMIT - jsonBytes([metadata, spec]) - spec.stages.length * STAGE_BYTES;
    return new CarryBudget([...records].reduce((rest, record) => rest - bytesOf(record), left));
  }

  /** A copy, to try decisions on. */
  draft(): CarryBudget {
    return new CarryBudget(this.left);
  }

  /** Bytes that are left. */
  get remaining(): number {
    return Math.max(this.left, 0);
  }

  hasRoomFor(bytes: number): boolean {
    return bytes <= this.left;
  }

  /** As `hasRoomFor`, for what explains why something else was too large: it has a little room of its own. */
  hasRoomForText(bytes: number): boolean {
    return bytes <= this.left + TEXT_RESERVE;
  }

  spend(bytes: number): void {
    this.left -= bytes;
  }

  release(bytes: number): void {
    this.left += bytes;
  }
}

/** What a unit takes in addition to its state. */
export function unitBytes(unit: UnitRecord): number {
  const { outputs, message } = unit as { readonly outputs?: unknown; readonly message?: unknown };
  return [outputs, message].reduce<number>((sum, kept) => sum + (kept === undefined ? 0 : jsonBytes(kept)), 0);
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
    ...units.map(unitBytes),
  ].reduce((sum, bytes) => sum + bytes, 0);
}
