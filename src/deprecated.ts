/**
 * Names that `temporal-spark` itself exported before each side had its own entry point. They are removed with 1.0.
 *
 * @module
 */
import type { ReadyWorker, SparkWorkerConfiguration } from './worker.ts';

/** @deprecated Import it from `temporal-spark/worker`. */
export async function runSparkWorker(
  configuration: SparkWorkerConfiguration,
  options: { readonly onReady?: (worker: ReadyWorker) => void } = {},
): Promise<void> {
  // Not before it is called: it loads Temporal's native core.
  const { runSparkWorker: run } = await import('./worker.ts');
  return run(configuration, options);
}

export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  SparkPlugin,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type SparkPluginOptions,
  /** @deprecated Import it from `temporal-spark/worker`. */
  workflowsPath,
} from './worker/plugin.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  loadWorkerConfiguration,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type SparkWorkerConfiguration,
  /** @deprecated Import it from `temporal-spark/worker`. */
  WorkerConfigurationError,
} from './worker/configuration.ts';
export type {
  /** @deprecated Import it from `temporal-spark/worker`. */
  ReadyWorker,
} from './worker/run-spark-worker.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  sparkWorkerOptions,
} from './worker/worker-options.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  DEFAULT_TIMINGS,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type Timings,
} from './timings/index.ts';
export type {
  /** @deprecated Import it from `temporal-spark/worker`. */
  CompanionOptions,
} from './spark/index.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  connectKubernetes,
  /** @deprecated Import it from `temporal-spark/worker`. */
  isKubernetesError,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type KubernetesClient,
  /** @deprecated Import it from `temporal-spark/worker`. */
  KubernetesError,
  /** @deprecated Import it from `temporal-spark/worker`. */
  KubernetesErrorType,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type KubernetesOptions,
} from './kubernetes/index.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  ClusterError,
  /** @deprecated Import it from `temporal-spark/worker`. */
  ClusterErrorType,
  /** @deprecated Import it from `temporal-spark/worker`. */
  Clusters,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type ClustersConfiguration,
  /** @deprecated Import it from `temporal-spark/worker`. */
  ClustersConfigurationError,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type ClustersOptions,
} from './clusters/index.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  connectClusters,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type ConnectedClusters,
} from './worker/clusters-file.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  Submitters,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type SubmittersConfiguration,
  /** @deprecated Import it from `temporal-spark/worker`. */
  SubmittersConfigurationError,
} from './submitters/index.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  type SubmittersFileOptions,
  /** @deprecated Import it from `temporal-spark/worker`. */
  type WatchedSubmitters,
  /** @deprecated Import it from `temporal-spark/worker`. */
  watchSubmitters,
} from './worker/submitters-file.ts';
export {
  /** @deprecated Import it from `temporal-spark/worker`. */
  type PlacementConfiguration,
  /** @deprecated Import it from `temporal-spark/worker`. */
  PlacementConfigurationError,
  /** @deprecated Import it from `temporal-spark/worker`. */
  PlacementRefusal,
  /** @deprecated Import it from `temporal-spark/worker`. */
  PlacementRefused,
} from './placement/index.ts';

// Names that were too general.
export type {
  /** @deprecated Use `ListExecutionsOptions`. */
  ListExecutionsOptions as ListOptions,
  /** @deprecated Use `LiveSparkDriver`. */
  LiveSparkDriver as LiveDriver,
  /** @deprecated Use `PendingActivity`. */
  PendingActivity as PendingStep,
  /** @deprecated Use `RerunPipelineOptions`. */
  RerunPipelineOptions as RerunOptions,
  /** @deprecated Use `StartApplicationOptions`. */
  StartApplicationOptions as StartOptions,
} from './client/index.ts';
export type {
  /** @deprecated Use `PipelineExpression`. */
  PipelineExpression as Expression,
  /** @deprecated Use `SparkManifest`. */
  SparkManifest as Manifest,
  /** @deprecated Use `ParseManifestOptions`. */
  ParseManifestOptions as ParseOptions,
} from './manifest/index.ts';
export type {
  /** @deprecated Use `PlacementSummary`. */
  PlacementSummary as PlacementDecision,
} from './protocol/index.ts';
