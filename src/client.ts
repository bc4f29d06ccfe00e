/**
 * For processes that start and follow applications and pipelines: the client, manifests, pipelines in TypeScript, and the
 * types of what comes back. Loads nothing that only workers need.
 *
 * @module
 */
export {
  ApplicationRequestError,
  ListedKind,
  LogsError,
  LogsErrorType,
  PipelineClient,
  PipelineRerunError,
  PipelineRequestError,
  QueueClient,
  QueueRequestError,
  RequestErrorType,
  ScheduleClient,
  SearchAttributesMissingError,
  SparkApplicationFailedError,
  SparkClient,
  RetryError,
  SparkPipelineFailedError,
} from './client/index.ts';
export type {
  ApplicationLogs,
  ApplicationLogsOptions,
  ApplicationReference,
  ApplicationRequests,
  AppliedSchedule,
  BackfillRange,
  ExecutionList,
  ListedExecution,
  ListExecutionsOptions,
  LiveSparkDriver,
  PendingActivity,
  PipelineReference,
  RecordedManifest,
  PipelineRerunPlan,
  RerunPipelineOptions,
  RetryApplicationOptions,
  SparkApplicationDescription,
  SparkApplicationHandle,
  SparkClientOptions,
  SparkPipelineHandle,
  SparkScheduleStatus,
  StartApplicationOptions,
  StartPipelineOptions,
  WorkflowEndFailure,
} from './client/index.ts';

// What comes back.
export {
  ApplicationState,
  CauseKind,
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
  DoneItems,
  ExecutorCounts,
  FailureCause,
  KillRequest,
  LogArchiveSummary,
  ManifestUpdateResult,
  PlacementSummary,
  QueueStatus,
  ShadowSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
  SparkPipelineResult,
  SparkPipelineStatus,
  StageStatus,
  TeamDefault,
} from './protocol/index.ts';

// Manifests, and pipelines in TypeScript.
export {
  ApplicationAnnotation,
  cel,
  definePipeline,
  FailureClass,
  formatProblems,
  ManifestError,
  parseManifest,
  parseManifests,
} from './manifest/index.ts';
export type {
  ManifestProblem,
  ParseManifestOptions,
  PipelineExpression,
  PipelineTools,
  ScheduledSparkApplicationManifest,
  ScheduledSparkPipelineManifest,
  SparkApplicationManifest,
  SparkConnectManifest,
  SparkManifest,
  SparkPipelineManifest,
  StageHandle,
  TypedPipeline,
} from './manifest/index.ts';
