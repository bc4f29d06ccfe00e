import { StageState, type DoneItems, type StageReason, type StageStatus } from '../../protocol/index.ts';

/** How one try-and-retry of a stage stands: the stage's only one, or one item of a fan-out. */
export const UnitState = {
  Waiting: 'waiting',
  /** For the semaphore. */
  Acquiring: 'acquiring',
  Running: 'running',
  Retrying: 'retrying',
  Succeeded: 'succeeded',
  Failed: 'failed',
  Cancelled: 'cancelled',
} as const;
export type UnitState = (typeof UnitState)[keyof typeof UnitState];

/** Plain JSON: it goes from run to run when the pipeline continues as new. */
export interface UnitRecord {
  state: UnitState;
  attempts: number;
  /** First run of the child that is under way. */
  runId?: string;
  /** Milliseconds since the epoch. */
  retryAt?: number;
  deadline?: number;
  /** Why the child was asked to stop, or why none starts any more. */
  stopping?: typeof StageReason.TimedOut | typeof StageReason.Cancelled | typeof StageReason.PipelineStopped;
  /** When a child that does not stop is terminated, in milliseconds since the epoch. */
  terminateAt?: number;
  /** It has asked for a place, and not given it back. */
  holdsSemaphore?: boolean;
  /** Which of its requests for a place that is. */
  ticket?: number;
  reason?: string;
  message?: string;
  outputs?: Readonly<Record<string, unknown>>;
}

/** How a stage stands. Plain JSON as well. */
export interface StageRecord {
  state: StageState;
  startedAt?: string;
  finishedAt?: string;
  reason?: string;
  message?: string;
  outputs?: Readonly<Record<string, unknown>>;
  kept?: boolean;
  /** Items of a fan-out. */
  items?: readonly unknown[];
  /** How many digits an item's number has in the id of its child; undefined where it has as many as it needs. */
  itemDigits?: number;
  units: UnitRecord[];
  /** While it is pending, what an earlier run has done of a fan-out; once it has ended without success, what this one has. */
  done?: DoneItems;
  /** In place of items and units, of a stage that had ended when the pipeline continued as new. */
  ended?: {
    /** Items of a fan-out. */
    readonly total?: number;
    readonly succeeded: number;
    readonly attempts: number;
  };
}

export function isSettled({ state }: StageRecord): boolean {
  return state !== StageState.Pending && state !== StageState.Running;
}

export function isUnitSettled({ state }: UnitRecord): boolean {
  return state === UnitState.Succeeded || state === UnitState.Failed || state === UnitState.Cancelled;
}

/** What a later run need know of a stage: of one that has ended not every item. */
export function compacted(record: StageRecord): StageRecord {
  const { items, units, ...rest } = record;
  // One that holds its semaphore has yet to give it back.
  if (!isSettled(record) || units.length === 0 || units.some(({ holdsSemaphore }) => holdsSemaphore)) return record;
  const ended = {
    ...(items === undefined ? {} : { total: items.length }),
    succeeded: units.filter((unit) => unit.state === UnitState.Succeeded).length,
    attempts: units.reduce((sum, unit) => sum + unit.attempts, 0),
  };
  return { ...rest, units: [], ended };
}

/** Items of a fan-out that have succeeded; undefined where none has, or it is none. */
export function doneItems({ items, units }: StageRecord): DoneItems | undefined {
  if (items === undefined || !units.some(({ state }) => state === UnitState.Succeeded)) return undefined;
  const outputs = units.flatMap(({ state, outputs = {} }, index) =>
    state === UnitState.Succeeded ? [[String(index), outputs] as const] : [],
  );
  return { total: items.length, outputs: Object.fromEntries(outputs) };
}

/** Units for the items of a fan-out, or for the only one of another stage. */
export function freshUnits({ items, done }: StageRecord): UnitRecord[] {
  // Where what an earlier run was asked to do was something else, its indices mean nothing.
  const outputs = done !== undefined && done.total === items?.length ? done.outputs : {};
  return Array.from({ length: items?.length ?? 1 }, (_, index) =>
    outputs[index] === undefined
      ? { state: UnitState.Waiting, attempts: 0 }
      : { state: UnitState.Succeeded, attempts: 0, outputs: outputs[index] },
  );
}

/** What is told of a stage. */
export function stageStatus(name: string, record: StageRecord): StageStatus {
  const { state, units, items, ended, startedAt, finishedAt, reason, message, outputs, kept, done } = record;
  const count = (...states: UnitState[]): number => units.filter((unit) => states.includes(unit.state)).length;
  const attempts = units.reduce((sum, unit) => sum + unit.attempts, ended?.attempts ?? 0);
  const total = items?.length ?? ended?.total;
  const succeeded = count(UnitState.Succeeded) + (ended?.succeeded ?? 0);
  const waitingFor = units.some((unit) => unit.state === UnitState.Running) ? undefined : waits(units);
  const fields = {
    reason,
    message,
    outputs,
    done: isSettled(record) ? done : undefined,
    kept,
    startedAt,
    finishedAt,
    attempts: attempts === 0 ? undefined : attempts,
    waitingFor: state === StageState.Running ? waitingFor : undefined,
    items:
      total === undefined
        ? undefined
        : {
            total,
            running: count(UnitState.Running, UnitState.Retrying, UnitState.Acquiring),
            succeeded,
            failed: count(UnitState.Failed, UnitState.Cancelled) + (ended === undefined ? 0 : total - succeeded),
          },
  };
  const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { name, state, ...(defined as Omit<StageStatus, 'name' | 'state'>) };
}

function waits(units: readonly UnitRecord[]): string | undefined {
  const state = units.find((unit) => !isUnitSettled(unit))?.state;
  if (state === UnitState.Acquiring) return 'its semaphore';
  if (state === UnitState.Retrying) return 'its next try';
  return state === UnitState.Waiting ? 'a place' : undefined;
}
