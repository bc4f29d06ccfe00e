import { DEFAULT_TIMINGS, type Timings } from '../../src/worker.ts';

/** The timings that make tests wait. Timeouts for others' answers are not among them: a slow machine needs them whole. */
const WAITS = [
  'problemReportMs',
  'diagnosisMs',
  'diagnosisAtMostMs',
  'progressMs',
  'progressRetryMs',
  'progressRetryAtMostMs',
  'progressReportMs',
  'submitterStopMs',
  'clusterRetryAtMostMs',
  'heartbeatThrottleMs',
  'lateCreationMs',
  'retryMs',
  'retryAtMostMs',
  'repairRetryMs',
  'admissionReviewMs',
  'admissionRepeatMs',
  'admissionRepeatAtMostMs',
  'semaphoreCheckMs',
  'semaphoreCheckAtMostMs',
  'semaphoreRepeatMs',
  'semaphoreRepeatAtMostMs',
] as const satisfies readonly (keyof Timings)[];

/** A tenth of the defaults, for the workers of tests: what happens is the same, sooner. */
export const FAST: Partial<Timings> = Object.freeze({
  ...Object.fromEntries(WAITS.map((name) => [name, DEFAULT_TIMINGS[name] / 10])),
  // Within a tenth of it a busy machine may not find the time for a heartbeat.
  heartbeatTimeoutMs: 10_000,
  // The suite's API server does not start while a test that expects a refusal waits for it.
  unprovenRefusalMs: 2_000,
});
