/** The metrics of applications: the Spark operator's names. Those in seconds are histograms. */
export const ApplicationMetric = {
  /** Counter: applications whose first attempt was begun. */
  Count: 'spark_application_count',
  /** Counter: drivers that were submitted. */
  SubmitCount: 'spark_application_submit_count',
  /** Counter: submissions that failed. */
  FailedSubmissionCount: 'spark_application_failed_submission_count',
  /** Gauge: applications whose driver this worker waits for while it runs. */
  RunningCount: 'spark_application_running_count',
  /** Counter: applications that ended COMPLETED. */
  SuccessCount: 'spark_application_success_count',
  /** Counter: applications that ended FAILED; one that was killed or cancelled is in neither. */
  FailureCount: 'spark_application_failure_count',
  /** From the start of the last attempt to its end. */
  SuccessExecutionTime: 'spark_application_success_execution_time_seconds',
  FailureExecutionTime: 'spark_application_failure_execution_time_seconds',
  /** From the creation of an application to its first driver, under both of the operator's names. */
  SubmitLatency: 'spark_application_submit_latency_seconds',
  SubmitLatencyHistogram: 'spark_application_submit_latency_seconds_histogram',
  /** From the creation of an application to the start of its first driver. */
  StartLatency: 'spark_application_start_latency_seconds',
  StartLatencyHistogram: 'spark_application_start_latency_seconds_histogram',
  /** Gauge: executors of those drivers. */
  ExecutorRunningCount: 'spark_executor_running_count',
  /** Counter: executors that had succeeded when their driver was last seen. */
  ExecutorSuccessCount: 'spark_executor_success_count',
  /** Counter: executors that had failed then. */
  ExecutorFailureCount: 'spark_executor_failure_count',
} as const;
export type ApplicationMetric = (typeof ApplicationMetric)[keyof typeof ApplicationMetric];

export const applicationMetricCounters: readonly ApplicationMetric[] = [
  ...[ApplicationMetric.Count, ApplicationMetric.SubmitCount, ApplicationMetric.FailedSubmissionCount],
  ...[ApplicationMetric.SuccessCount, ApplicationMetric.FailureCount],
  ...[ApplicationMetric.ExecutorSuccessCount, ApplicationMetric.ExecutorFailureCount],
];

const submitBuckets = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256];
const startBuckets = [30, 60, 90, 120, 150, 180, 210, 240, 270, 300];
const executionBuckets = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/**
 * Upper bounds of the histograms, in seconds, for `histogramBucketOverrides` of Temporal's runtime. Those of latencies
 * are the operator's defaults; its execution times have no buckets.
 */
export const applicationMetricBuckets: Record<string, number[]> = {
  [ApplicationMetric.SubmitLatency]: submitBuckets,
  [ApplicationMetric.SubmitLatencyHistogram]: submitBuckets,
  [ApplicationMetric.StartLatency]: startBuckets,
  [ApplicationMetric.StartLatencyHistogram]: startBuckets,
  [ApplicationMetric.SuccessExecutionTime]: executionBuckets,
  [ApplicationMetric.FailureExecutionTime]: executionBuckets,
};
