/**
 * For processes that run a worker: the plugin, `temporal-spark worker` as a function, and what both are configured with.
 * `runSparkWorker` loads Temporal's native core.
 *
 * @module
 */
export { SparkPlugin, workflowsPath, type SparkPluginOptions } from './worker/plugin.ts';
export {
  loadWorkerConfiguration,
  WorkerConfigurationError,
  type SparkWorkerConfiguration,
} from './worker/configuration.ts';
export { runSparkWorker, type ReadyWorker } from './worker/run-spark-worker.ts';
export { sparkWorkerOptions } from './worker/worker-options.ts';
export { prometheusMetrics } from './worker/prometheus-metrics.ts';
export type { WorkerOperation } from './worker/operation-configuration.ts';
export { DEFAULT_TIMINGS, type Timings } from './timings/index.ts';
export type { CompanionOptions } from './spark/index.ts';

// Clusters.
export { connectKubernetes, isKubernetesError, KubernetesError, KubernetesErrorType } from './kubernetes/index.ts';
export type { KubernetesClient, KubernetesOptions } from './kubernetes/index.ts';
export { ClusterError, ClusterErrorType, Clusters, ClustersConfigurationError } from './clusters/index.ts';
export type { ClustersConfiguration, ClustersOptions } from './clusters/index.ts';
export { connectClusters, type ConnectedClusters } from './worker/clusters-file.ts';

// Submitters; your own are built with what `temporal-spark/submitters` exports.
export { Submitters, SubmittersConfigurationError, type SubmittersConfiguration } from './submitters/index.ts';
export { watchSubmitters, type SubmittersFileOptions, type WatchedSubmitters } from './worker/submitters-file.ts';

// Tenancy.
export { parseTenancy, readTenancy, Tenancy, TenancyConfigurationError } from './tenancy/index.ts';
export { TenancyRefusal, TenancyRefused, type TenancyConfiguration } from './tenancy/index.ts';
export { watchTenancy, type TenancyFileOptions, type WatchedTenancy } from './worker/tenancy-file.ts';

// Defaults.
export { DefaultsConfigurationError, parseDefaults, readDefaults, TeamDefaults } from './defaults/index.ts';
export type { DefaultsConfiguration } from './defaults/index.ts';
export { watchDefaults, type WatchedDefaults } from './worker/defaults-file.ts';

// Placement.
export { PlacementConfigurationError, PlacementRefusal, PlacementRefused } from './placement/index.ts';
export type { PlacementConfiguration } from './placement/index.ts';
