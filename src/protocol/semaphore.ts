import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { CarriedTimings, SemaphoreTimings } from '../timings/index.ts';
import type { RecordedSignal } from './recorded-signal.ts';

/** Workflow type of a named semaphore. */
export const SEMAPHORE_WORKFLOW = 'sparkSemaphore';

/** A place as a stage asked for it. */
export interface SemaphorePlace {
  /** Workflow id of the stage's child. */
  readonly holder: string;
  /** Which of the stage's requests it is: an answer to a previous one is ignored. @default 0 */
  readonly ticket?: number;
}

export interface GrantedPlace extends SemaphorePlace {
  /** Name of the semaphore. */
  readonly semaphore: string;
}

export interface SemaphoreRequest extends SemaphorePlace {
  readonly limit: number;
  /** Workflow id of the pipeline, which is signalled. */
  readonly requester: string;
}

export interface SemaphoreStatus {
  readonly name: string;
  readonly limit: number;
  readonly holders: readonly string[];
  readonly waiting: readonly string[];
  /** How many follow in each list: Temporal takes no more as an answer. @default none follow */
  readonly more?: { readonly holders: number; readonly waiting: number };
}

/** Input of the semaphore's workflow: from the activity that starts it, or from the run that it continues. */
export interface CarriedSemaphore extends CarriedTimings<SemaphoreTimings> {
  readonly limit: number;
  readonly holders: readonly SemaphoreRequest[];
  readonly waiting: readonly SemaphoreRequest[];
  /** The requests that follow, in the form of `src/workflows/lease/packed-rows.ts`. @default none follow */
  readonly packed?: readonly string[];
  /** Signals that the run which was lost received and sent since it began with the rest. @default no run was lost */
  readonly signals?: readonly RecordedSignal[];
}

export const acquireSemaphoreSignal = defineSignal<[SemaphoreRequest]>('acquire');
export const releaseSemaphoreSignal = defineSignal<[SemaphorePlace]>('release');
/** To the pipeline: a stage was granted a place. */
export const semaphoreGrantedSignal = defineSignal<[GrantedPlace]>('semaphoreGranted');
export const semaphoreStatusQuery = defineQuery<SemaphoreStatus>('status');
