import type { PrometheusMetricsExporter } from '@temporalio/worker';
import { applicationMetricBuckets } from '../activities/index.ts';

/**
 * For `Runtime.install({ telemetryOptions: { metrics } })`: serves `/metrics`, with the buckets of the metrics of
 * applications.
 *
 * @param bindAddress `host:port`
 */
export const prometheusMetrics = (bindAddress: string): PrometheusMetricsExporter => ({
  prometheus: { bindAddress, histogramBucketOverrides: applicationMetricBuckets },
});
