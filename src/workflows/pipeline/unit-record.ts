import type { PipelineStage } from '../../manifest/index.ts';
import type { StageReason } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';

/** State of a unit: of a stage, or of one item of a fan-out. */
export const UnitState = {
  /** For a place among those that run at once. */
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

/** Why a child was asked to stop, or why no more children start. */
export type Stopping = typeof StageReason.TimedOut | typeof StageReason.Cancelled | typeof StageReason.PipelineStopped;

interface Lasting {
  /** Children started. */
  readonly attempts: number;
  /** It has asked for a place of its semaphore, and not released it. */
  readonly holdsSemaphore?: boolean;
  /** Which of its requests for a place that is, counted from 0. */
  readonly ticket?: number;
}

/** Why it or its last try ended. */
interface Reasons {
  readonly reason?: string;
  readonly message?: string;
}

export interface WaitingUnit extends Lasting {
  readonly state: typeof UnitState.Waiting;
}

export interface AcquiringUnit extends Lasting, Reasons {
  readonly state: typeof UnitState.Acquiring;
  readonly stopping?: Stopping;
}

/** Times are milliseconds since the epoch. */
export interface RunningUnit extends Lasting, Reasons {
  readonly state: typeof UnitState.Running;
  /** First run of the child. @default it is about to start */
  readonly runId?: string;
  readonly deadline?: number;
  readonly stopping?: Stopping;
  /** When a child that does not stop is terminated. */
  readonly terminateAt?: number;
}

export interface RetryingUnit extends Lasting, Reasons {
  readonly state: typeof UnitState.Retrying;
  /** Milliseconds since the epoch. @default now */
  readonly retryAt?: number;
  readonly stopping?: Stopping;
}

export interface SucceededUnit extends Lasting, Reasons {
  readonly state: typeof UnitState.Succeeded;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The reasons are dropped once the stage has ended. */
export interface UnsuccessfulUnit extends Lasting, Reasons {
  readonly state: typeof UnitState.Failed | typeof UnitState.Cancelled;
}

/**
 * The state of a unit. Plain JSON: it goes from run to run when the pipeline continues as new, and runs of version 0.1
 * carry over records of the same shape, with fields of other states left in them.
 */
export type UnitRecord = WaitingUnit | StartedUnit | SettledUnit;
export type StartedUnit = AcquiringUnit | RunningUnit | RetryingUnit;
export type SettledUnit = SucceededUnit | UnsuccessfulUnit;

export function isUnitSettled(unit: UnitRecord): unit is SettledUnit {
  return unit.state === UnitState.Succeeded || unit.state === UnitState.Failed || unit.state === UnitState.Cancelled;
}

export function isUnitStarted(unit: UnitRecord): unit is StartedUnit {
  return unit.state !== UnitState.Waiting && !isUnitSettled(unit);
}

/** The fields that a unit has in all its states. */
export function lasting({ attempts, holdsSemaphore, ticket }: UnitRecord): Lasting {
  return { attempts, ...present({ holdsSemaphore, ticket }) };
}

/**
 * A unit at the beginning of a try: at its semaphore, where the stage has one. The reason of the last try is kept until
 * then.
 */
export function startedUnit(stage: PipelineStage, unit: UnitRecord): AcquiringUnit | RunningUnit {
  const { reason, message } = unit.state === UnitState.Waiting ? {} : unit;
  const state = stage.semaphore === undefined ? UnitState.Running : UnitState.Acquiring;
  return { state, ...lasting(unit), ...present({ reason, message }) };
}

/** A unit that did not run, or that was cancelled. */
export function cancelledUnit(unit: UnitRecord, reasons: Reasons = {}): UnsuccessfulUnit {
  return { state: UnitState.Cancelled, ...lasting(unit), ...reasons };
}
