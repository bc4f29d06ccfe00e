import { Context } from '@temporalio/activity';

/**
 * The metrics that a worker emits through Temporal's runtime. Over all workers, `finalizers_added` less
 * `finalizers_removed` is the number of drivers that are held.
 */
export const Metric = {
  /** Counter: drivers created with the finalizer. */
  FinalizersAdded: 'temporal_spark_finalizers_added',
  /** Counter: finalizers taken off, by the workflow itself or by housekeeping (tag `by`). */
  FinalizersRemoved: 'temporal_spark_finalizers_removed',
  /** Gauge, set by housekeeping: drivers that have ended or are deleted, and still carry the finalizer. */
  FinalizersHeld: 'temporal_spark_finalizers_held',
  /** Gauge, set by housekeeping: seconds since the first of those ended or was deleted; 0 without any. */
  OldestHeldSeconds: 'temporal_spark_finalizers_oldest_held_seconds',
  /**
   * Counter: submissions that a shadow was to watch; tags `submitter`, and `result`: same, different, failed, skipped.
   */
  ShadowComparisons: 'temporal_spark_shadow_comparisons',
  /**
   * Counter: submissions of canaries that their submitter answers for; tags `submitter`, and `result`: created, failed.
   */
  CanarySubmissions: 'temporal_spark_canary_submissions',
  /** Counter: canaries that this worker gave up because they failed too often (tag `submitter`). */
  CanaryStepBacks: 'temporal_spark_canary_step_backs',
  /** Counter: differences found in them that are not intended (tag `submitter`). */
  ShadowDifferences: 'temporal_spark_shadow_differences',
} as const;

export function countAdded(): void {
  Context.current().metricMeter.createCounter(Metric.FinalizersAdded).add(1);
}

export function countRemoved(by: 'workflow' | 'housekeeping', count = 1): void {
  Context.current().metricMeter.createCounter(Metric.FinalizersRemoved).add(count, { by });
}

export function recordHeld(held: number, oldestSeconds: number): void {
  const { metricMeter } = Context.current();
  metricMeter.createGauge(Metric.FinalizersHeld).set(held);
  metricMeter.createGauge(Metric.OldestHeldSeconds, 'float', 's').set(oldestSeconds);
}

export function countShadow(submitter: string, result: string, differences: number): void {
  const { metricMeter } = Context.current();
  metricMeter.createCounter(Metric.ShadowComparisons).add(1, { submitter, result });
  if (differences > 0) metricMeter.createCounter(Metric.ShadowDifferences).add(differences, { submitter });
}

export function countCanary(submitter: string, result: 'created' | 'failed'): void {
  Context.current().metricMeter.createCounter(Metric.CanarySubmissions).add(1, { submitter, result });
}

export function countStepBack(submitter: string): void {
  Context.current().metricMeter.createCounter(Metric.CanaryStepBacks).add(1, { submitter });
}
