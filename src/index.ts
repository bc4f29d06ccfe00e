/**
 * Apache Spark on Kubernetes as durable Temporal workflows: the plugin for workers, the client, and the types of both.
 *
 * @module
 */
export {
  ApplicationRequestError,
  ApplicationRequestErrorType,
  ListedKind,
  PipelineClient,
  QueueClient,
  ScheduleClient,
  SearchAttributesMissingError,
  SparkApplicationFailedError,
  SparkClient,
  PipelineRerunError,
  SparkPipelineFailedError,
} from './client/index.ts';
export type {
  AppliedSchedule,
  ApplicationReference,
  BackfillRange,
  ExecutionList,
  ListedExecution,
  ListExecutionsOptions,
  SparkScheduleStatus,
  ApplicationRequests,
  LiveSparkDriver,
  PendingActivity,
  RerunPipelineOptions,
  SparkApplicationDescription,
  SparkApplicationHandle,
  SparkClientOptions,
  SparkPipelineHandle,
  StartApplicationOptions,
  StartPipelineOptions,
} from './client/index.ts';
export { SparkPlugin, workflowsPath } from './plugin.ts';
export type { SparkPluginOptions } from './plugin.ts';
export { loadWorkerConfiguration, runSparkWorker, sparkWorkerOptions, WorkerConfigurationError } from './worker.ts';
export type { ReadyWorker, SparkWorkerConfiguration } from './worker.ts';
export { DEFAULT_TIMINGS, type Timings } from './timings/index.ts';
export {
  ApplicationState,
  DEFAULT_TASK_QUEUE,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
} from './protocol/index.ts';
export type {
  AdmissionLimits,
  AdmissionRequest,
  AdmissionStatus,
  AttemptSummary,
  ExecutorCounts,
  KillRequest,
  ManifestUpdateResult,
  PlacementSummary,
  QueueStatus,
  ShadowSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
} from './protocol/index.ts';
export type { CompanionOptions } from './spark/index.ts';
export type { SparkApplicationManifest, SparkPipelineManifest } from './manifest/index.ts';
export {
  ApplicationAnnotation,
  FailureClass,
  formatProblems,
  ManifestError,
  parseManifest,
  parseManifests,
  type SparkManifest,
  type ManifestProblem,
  type ParseManifestOptions,
} from './manifest/index.ts';
export { cel, definePipeline } from './manifest/index.ts';
export type { PipelineExpression, PipelineTools, StageHandle, TypedPipeline } from './manifest/index.ts';
export { ClusterError, ClusterErrorType, Clusters, ClustersConfigurationError } from './clusters/index.ts';
export type { ClustersConfiguration, ClustersOptions } from './clusters/index.ts';
export { connectClusters, type ConnectedClusters } from './worker/clusters-file.ts';
export { Submitters, SubmittersConfigurationError, type SubmittersConfiguration } from './submitters/index.ts';
export { watchSubmitters, type SubmittersFileOptions, type WatchedSubmitters } from './worker/submitters-file.ts';
export { PlacementConfigurationError, PlacementRefusal, PlacementRefused } from './placement/index.ts';
export type { PlacementConfiguration } from './placement/index.ts';
export type { PlacementSummary as PlacementDecision } from './protocol/index.ts';
export type { DoneItems, SparkPipelineResult, SparkPipelineStatus, StageStatus } from './protocol/index.ts';
export { connectKubernetes, isKubernetesError, KubernetesError, KubernetesErrorType } from './kubernetes/index.ts';
export type { KubernetesClient, KubernetesOptions } from './kubernetes/index.ts';
