import { DEFAULT_TIMINGS, type Timings } from './timings.ts';

/** What the workflow of an application needs; the answers of `submitSparkApplication` carry it. */
export const APPLICATION_TIMINGS = [
  'heartbeatTimeoutMs',
  'longRunMs',
  'longRunSilenceMs',
  'lateCreationMs',
  'retryMs',
  'retryAtMostMs',
  'clusterRetryAtMostMs',
  'admissionRepeatMs',
  'admissionRepeatAtMostMs',
] as const satisfies readonly (keyof Timings)[];
export type ApplicationTimings = Pick<Timings, (typeof APPLICATION_TIMINGS)[number]>;

/** What the workflow of a pipeline needs; the result of `checkSparkPipeline` carries it. */
export const PIPELINE_TIMINGS = [
  'heartbeatTimeoutMs',
  'semaphoreRepeatMs',
  'semaphoreRepeatAtMostMs',
] as const satisfies readonly (keyof Timings)[];
export type PipelineTimings = Pick<Timings, (typeof PIPELINE_TIMINGS)[number]>;

/** What the queue of a pool needs; the argument that `requestAdmission` starts it with carries it. */
export const ADMISSION_TIMINGS = ['admissionReviewMs'] as const satisfies readonly (keyof Timings)[];
export type AdmissionTimings = Pick<Timings, (typeof ADMISSION_TIMINGS)[number]>;

/** What a semaphore needs; the argument that `requestSemaphore` starts it with carries it. */
export const SEMAPHORE_TIMINGS = [
  'semaphoreCheckMs',
  'semaphoreCheckAtMostMs',
] as const satisfies readonly (keyof Timings)[];
export type SemaphoreTimings = Pick<Timings, (typeof SEMAPHORE_TIMINGS)[number]>;

/** How timings reach a workflow, which must not read a worker's options: in data that its history holds. */
export interface CarriedTimings<T> {
  /** Those that differ from the defaults. @default the defaults, as in histories of earlier versions */
  readonly timings?: Partial<T>;
}

/** Those that differ from the defaults, of the ones that a workflow needs: nothing is added to a history without need. */
export function carriedTimings<K extends keyof Timings>(
  timings: Timings,
  names: readonly K[],
): CarriedTimings<Pick<Timings, K>> {
  const different = names.filter((name) => timings[name] !== DEFAULT_TIMINGS[name]);
  if (different.length === 0) return {};
  return { timings: Object.fromEntries(different.map((name) => [name, timings[name]])) as Partial<Pick<Timings, K>> };
}

/** What a workflow uses: the defaults, with what it was given in their place. */
export function receivedTimings<T extends Partial<Timings>>({ timings }: CarriedTimings<T> = {}): Timings {
  return timings === undefined ? DEFAULT_TIMINGS : { ...DEFAULT_TIMINGS, ...timings };
}
