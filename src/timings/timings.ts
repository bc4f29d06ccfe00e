/**
 * How long users wait for what the workers do, in milliseconds. Each field documents what it limits and the reason for
 * its default. Deadlines of calls to an API server are `KubernetesOptions`, those of a manifest are its annotations.
 */
export interface Timings {
  /**
   * How long a problem of a driver must last before the status reports it. Shorter ones resolve themselves, and each
   * report costs a wait in the history.
   *
   * @default 5000
   */
  readonly problemReportMs: number;
  /**
   * From a driver's scheduling to the first request for its Events, if its pod gives no reason; doubles with each
   * request. Most drivers start within two seconds.
   *
   * @default 2000
   */
  readonly diagnosisMs: number;
  /** Longest interval between two such requests: thousands of drivers may be pending. @default 60000 */
  readonly diagnosisAtMostMs: number;
  /**
   * From a driver's start to the first request for its progress, and between two requests. Spark's UI takes some seconds
   * to come up.
   *
   * @default 10000
   */
  readonly progressMs: number;
  /** From a failed request for progress to the next one; doubles with each failure. @default 15000 */
  readonly progressRetryMs: number;
  /** Longest interval between two such requests, and the interval without the right to make them. @default 600000 */
  readonly progressRetryAtMostMs: number;
  /**
   * From a driver's start to the first report of its progress to the workflow; then each time it has run twice as long.
   * Each report costs four events of history.
   *
   * @default 30000
   */
  readonly progressReportMs: number;
  /** Timeout for the log of a driver that failed; the outcome is recorded without it then. @default 5000 */
  readonly logTimeoutMs: number;
  /** From a byte of a log that is archived to the part of the archive that has it, at least. @default 5000 */
  readonly logFlushMs: number;
  /**
   * How long the end of a driver is not recorded, and its finalizer not removed, because the archive does not have the
   * whole log. After it the result reports what is missing.
   *
   * @default 120000
   */
  readonly logArchiveDeadlineMs: number;
  /**
   * How long one try of a submission waits for the driver of the previous run to be gone. Less than the heartbeat
   * timeout, so that the failure names the node that must confirm.
   *
   * @default 20000
   */
  readonly previousDriverTimeoutMs: number;
  /** How long a submitter may take to return after it was aborted. @default 5000 */
  readonly submitterStopMs: number;
  /** Timeout for the first list of the nodes; the placement goes unchecked then. @default 5000 */
  readonly nodeListTimeoutMs: number;
  /** Timeout for the first of several clusters to report whether it has this attempt's driver already. @default 3000 */
  readonly clusterLookupTimeoutMs: number;
  /** Longest interval between two choices of a cluster while none of those chosen is reachable. @default 20000 */
  readonly clusterRetryAtMostMs: number;
  /**
   * After how long without a heartbeat an activity is given to another worker: this is how long the loss of a worker
   * goes unnoticed. Activities send a heartbeat three times as often.
   *
   * @default 30000
   */
  readonly heartbeatTimeoutMs: number;
  /**
   * How long a driver must have run before its wait may be silent for longer. Each heartbeat costs Temporal a write, so
   * without it the cost at rest grows with everything that runs.
   *
   * @default 600000
   */
  readonly longRunMs: number;
  /**
   * The heartbeat timeout of the wait for such a driver, where it is longer than the other: this is how long the loss of
   * a worker goes unnoticed then.
   *
   * @default 120000
   */
  readonly longRunSilenceMs: number;
  /**
   * Longest interval between two heartbeats that reach the server (`maxHeartbeatThrottleInterval` of the worker). A
   * cancellation reaches an activity with its next heartbeat.
   *
   * @default 5000
   */
  readonly heartbeatThrottleMs: number;
  /**
   * How long an API server may take to carry out a request whose client has gone: its `--request-timeout`. A stop that finds no driver of a submission whose end is unknown waits so long for one.
   *
   * @default 60000
   */
  readonly lateCreationMs: number;
  /** From the failure of an activity to its next try; doubles with each failure. @default 1000 */
  readonly retryMs: number;
  /** Longest interval between two tries. @default 30000 */
  readonly retryAtMostMs: number;
  /** Interval between two tries of what only a user can fix, such as a webhook that rejects a change. @default 60000 */
  readonly repairRetryMs: number;
  /**
   * How long an API server must refuse every try of a submission (401, 403, 404 of a path, a certificate that is not
   * trusted, a kubeconfig that is not usable) before a second opinion can make the refusal final. One that starts, or
   * whose certificates rotate, refuses like this, too.
   *
   * @default 300000
   */
  readonly unprovenRefusalMs: number;
  /**
   * While applications wait for a limited pool: interval at which its queue checks that the admitted ones still run, and
   * re-reads the limits.
   *
   * @default 30000
   */
  readonly admissionReviewMs: number;
  /**
   * From an application's request for admission to the next one, in case its queue was terminated; doubles with each
   * request.
   *
   * @default 600000
   */
  readonly admissionRepeatMs: number;
  /** Longest interval between two such requests. @default 3600000 */
  readonly admissionRepeatAtMostMs: number;
  /**
   * While stages wait for a semaphore: interval before the first check that its holders still run; doubles with each
   * check.
   *
   * @default 5000
   */
  readonly semaphoreCheckMs: number;
  /** Longest interval between two such checks. @default 60000 */
  readonly semaphoreCheckAtMostMs: number;
  /**
   * From a stage's request for a place of its semaphore to the next one, in case the semaphore was terminated; doubles
   * with each request. Each costs the history of the pipeline eleven events.
   *
   * @default 600000
   */
  readonly semaphoreRepeatMs: number;
  /** Longest interval between two such requests. @default 3600000 */
  readonly semaphoreRepeatAtMostMs: number;
}

export const DEFAULT_TIMINGS: Timings = Object.freeze({
  problemReportMs: 5_000,
  diagnosisMs: 2_000,
  diagnosisAtMostMs: 60_000,
  progressMs: 10_000,
  progressRetryMs: 15_000,
  progressRetryAtMostMs: 600_000,
  progressReportMs: 30_000,
  logTimeoutMs: 5_000,
  logFlushMs: 5_000,
  logArchiveDeadlineMs: 120_000,
  previousDriverTimeoutMs: 20_000,
  submitterStopMs: 5_000,
  nodeListTimeoutMs: 5_000,
  clusterLookupTimeoutMs: 3_000,
  clusterRetryAtMostMs: 20_000,
  heartbeatTimeoutMs: 30_000,
  longRunMs: 600_000,
  longRunSilenceMs: 120_000,
  heartbeatThrottleMs: 5_000,
  lateCreationMs: 60_000,
  retryMs: 1_000,
  retryAtMostMs: 30_000,
  repairRetryMs: 60_000,
  unprovenRefusalMs: 300_000,
  admissionReviewMs: 30_000,
  admissionRepeatMs: 600_000,
  admissionRepeatAtMostMs: 3_600_000,
  semaphoreCheckMs: 5_000,
  semaphoreCheckAtMostMs: 60_000,
  semaphoreRepeatMs: 600_000,
  semaphoreRepeatAtMostMs: 3_600_000,
});

/** A timer of JavaScript that is set for longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The defaults, with what is given in their place.
 *
 * @throws RangeError with every problem: a field that does not exist, or a value that is not a duration
 */
export function resolveTimings(given: Partial<Timings> = {}): Timings {
  const written = Object.entries(given).filter(([, value]) => value !== undefined);
  const problems = written.flatMap(([name, value]) => {
    if (!Object.hasOwn(DEFAULT_TIMINGS, name))
      return `${name} is unknown; known: ${Object.keys(DEFAULT_TIMINGS).join(', ')}`;
    if (isDuration(value)) return [];
    const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
    return `${name} must be a number of milliseconds from 1 to ${LONGEST_MS}, not ${text}`;
  });
  if (problems.length > 0) throw new RangeError(`invalid timings: ${problems.join('; ')}`);
  return Object.freeze({ ...DEFAULT_TIMINGS, ...Object.fromEntries(written) });
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && value <= LONGEST_MS;
}
