import { Context } from '@temporalio/activity';

/**
 * What a worker tells of finalizers, over the metrics of Temporal's runtime. Over all workers, `finalizers_added` less
 * `finalizers_removed` is the number of drivers that are held.
 */
export const Metric = {
  /** Counter: drivers created with the finalizer. */
  FinalizersAdded: 'temporal_spark_finalizers_added',
  /** Counter: finalizers taken off, by the workflow itself or by housekeeping (tag `by`). */
  FinalizersRemoved: 'temporal_spark_finalizers_removed',
  /** Gauge, set by housekeeping: drivers that have ended or are deleted, and still carry the finalizer. */
  FinalizersHeld: 'temporal_spark_finalizers_held',
  /** Gauge, set by housekeeping: seconds since the first of those ended or was deleted; 0 where there is none. */
  OldestHeldSeconds: 'temporal_spark_finalizers_oldest_held_seconds',
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
