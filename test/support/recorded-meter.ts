/** A meter that keeps what is recorded, by name and tags such as `spark_application_count{team="etl"}`. */
import type { MetricMeter, MetricTags } from '@temporalio/common';

export interface RecordedMeter extends MetricMeter {
  /** Sums of counters, and values of gauges. */
  readonly values: ReadonlyMap<string, number>;
  /** What histograms have received. */
  readonly observations: ReadonlyMap<string, readonly number[]>;
}

export function recordedMeter(): RecordedMeter {
  const values = new Map<string, number>();
  const observations = new Map<string, number[]>();
  const keyOf = (name: string, tags: MetricTags = {}): string => {
    const labels = Object.entries(tags).map(([key, value]) => `${key}="${value}"`);
    return labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
  };
  const meter: RecordedMeter = {
    values,
    observations,
    createCounter: (name) => ({
      ...{ name, kind: 'counter', valueType: 'int' },
      add: (value, tags) => void values.set(keyOf(name, tags), (values.get(keyOf(name, tags)) ?? 0) + value),
      withTags() {
        return this;
      },
    }),
    createGauge: (name, valueType = 'int') => ({
      ...{ name, kind: 'gauge', valueType },
      set: (value, tags) => void values.set(keyOf(name, tags), value),
      withTags() {
        return this;
      },
    }),
    createHistogram: (name, valueType = 'int') => ({
      ...{ name, kind: 'histogram', valueType },
      record: (value, tags) => {
        const key = keyOf(name, tags);
        observations.set(key, [...(observations.get(key) ?? []), value]);
      },
      withTags() {
        return this;
      },
    }),
    withTags: () => meter,
  };
  return meter;
}
