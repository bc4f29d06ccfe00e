/**
 * Apache Spark on Kubernetes as durable Temporal workflows: the plugin for workers, the client, and the types of both.
 *
 * @module
 */
export {
  ApplicationRequestError,
  ApplicationRequestErrorType,
  PipelineClient,
  ScheduleClient,
  SparkApplicationFailedError,
  SparkClient,
  SparkPipelineFailedError,
} from './client/index.ts';
export type {
  AppliedSchedule,
  ApplicationReference,
  BackfillRange,
  SparkScheduleStatus,
  ApplicationRequests,
  LiveDriver,
  PendingStep,
  RerunOptions,
  SparkApplicationDescription,
  SparkApplicationHandle,
  SparkClientOptions,
  SparkPipelineHandle,
  StartOptions,
  StartPipelineOptions,
} from './client/index.ts';
export { SparkPlugin, workflowsPath } from './plugin.ts';
export type { SparkPluginOptions } from './plugin.ts';
export { loadWorkerConfiguration, runSparkWorker, sparkWorkerOptions, WorkerConfigurationError } from './worker.ts';
export type { ReadyWorker, SparkWorkerConfiguration } from './worker.ts';
export {
  ApplicationState,
  DEFAULT_TASK_QUEUE,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
} from './workflows/definitions/index.ts';
export type {
  AttemptSummary,
  ExecutorCounts,
  KillRequest,
  ManifestUpdateResult,
  PlacementSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
} from './workflows/definitions/index.ts';
export type { CompanionOptions } from './spark/index.ts';
export type { SparkApplicationManifest, SparkPipelineManifest } from './manifest/index.ts';
export { ApplicationAnnotation, FailureClass, ManifestError, type ManifestProblem } from './manifest/index.ts';
export { Submitters, SubmittersConfigurationError, type SubmittersConfiguration } from './submitters/index.ts';
export { watchSubmitters, type SubmittersFileOptions, type WatchedSubmitters } from './submitters-file.ts';
export { PlacementConfigurationError, PlacementRefusal, PlacementRefused } from './placement/index.ts';
export type { PlacementConfiguration, PlacementDecision } from './placement/index.ts';
export type { SparkPipelineResult, SparkPipelineStatus, StageStatus } from './workflows/definitions/index.ts';
export { KubernetesError, KubernetesErrorType } from './kubernetes/index.ts';
export type { KubernetesClient, KubernetesOptions } from './kubernetes/index.ts';
