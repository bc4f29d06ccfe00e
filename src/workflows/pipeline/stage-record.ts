import { StageState, type DoneItems } from '../../protocol/index.ts';
import { isUnitSettled, UnitState, type SettledUnit, type UnitRecord } from './unit-record.ts';

/** The state of a stage. Plain JSON: it goes from run to run when the pipeline continues as new. */
export interface StageRecord {
  readonly state: StageState;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** It was done by an earlier run. */
  readonly kept?: boolean;
  /** Items of a fan-out. */
  readonly items?: readonly unknown[];
  /** Digits of an item's number in the id of its child. @default as many as the number needs */
  readonly itemDigits?: number;
  readonly units: readonly UnitRecord[];
  /** Completed items: of an earlier run while the stage is pending, of this run after an end without success. */
  readonly done?: DoneItems;
  /** In place of items and units, of a stage that had ended when the pipeline continued as new. */
  readonly ended?: {
    /** Items of a fan-out. */
    readonly total?: number;
    readonly succeeded: number;
    readonly attempts: number;
  };
}

export function isSettled({ state }: StageRecord): boolean {
  return state !== StageState.Pending && state !== StageState.Running;
}

/** The record that a later run needs of a stage: without the items of one that has ended. */
export function compacted(record: StageRecord): StageRecord {
  const { items, units, ...rest } = record;
  // A unit that holds its semaphore has yet to release it.
  if (!isSettled(record) || units.length === 0 || units.some(({ holdsSemaphore }) => holdsSemaphore)) return record;
  const ended = {
    ...(items === undefined ? {} : { total: items.length }),
    succeeded: units.filter((unit) => unit.state === UnitState.Succeeded).length,
    attempts: units.reduce((sum, unit) => sum + unit.attempts, 0),
  };
  return { ...rest, units: [], ended };
}

/** Items of a fan-out that have succeeded; undefined where no item has, or the stage is not a fan-out. */
export function doneItems({ items, units }: StageRecord): DoneItems | undefined {
  if (items === undefined || !units.some(({ state }) => state === UnitState.Succeeded)) return undefined;
  const outputs = units.flatMap((unit, index) =>
    unit.state === UnitState.Succeeded ? [[String(index), unit.outputs ?? {}] as const] : [],
  );
  return { total: items.length, outputs: Object.fromEntries(outputs) };
}

/** Units for the items of a fan-out, or the only one of another stage. */
export function freshUnits({ items, done }: Pick<StageRecord, 'items' | 'done'>): UnitRecord[] {
  // Where an earlier run had other items, its indices do not apply.
  const outputs = done !== undefined && done.total === items?.length ? done.outputs : {};
  return Array.from({ length: items?.length ?? 1 }, (_, index) =>
    outputs[index] === undefined
      ? { state: UnitState.Waiting, attempts: 0 }
      : { state: UnitState.Succeeded, attempts: 0, outputs: outputs[index] },
  );
}

/**
 * The end of a stage whose units have all ended: that of the first that failed, else of the first that was cancelled.
 */
export function worstUnit({ units }: StageRecord): SettledUnit | undefined {
  const firstThat = (state: UnitState) => units.filter(isUnitSettled).find((unit) => unit.state === state);
  return firstThat(UnitState.Failed) ?? firstThat(UnitState.Cancelled);
}
