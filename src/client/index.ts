export { nameSuffix } from './name-suffix.ts';
export { RequestErrorType } from './explain-request.ts';
export { ApplicationRequestError } from './requests.ts';
export type { ApplicationRequests } from './requests.ts';
export { ListedKind, SearchAttributesMissingError } from './execution-list.ts';
export type { ExecutionList, ListedExecution, ListExecutionsOptions } from './execution-list.ts';
export { setUp, type SetupOptions, type SetupStep } from './setup.ts';
export { PipelineClient, PipelineRerunError } from './pipeline-client.ts';
export { PipelineRequestError, SparkPipelineFailedError } from './pipeline-handle.ts';
export type { SparkPipelineHandle } from './pipeline-handle.ts';
export type { RecordedManifest } from './recorded-manifest.ts';
export { QueueClient, QueueRequestError } from './queue-client.ts';
export type { PipelineReference } from './pipeline-reference.ts';
export type { PipelineRerunPlan, RerunPipelineOptions, StartPipelineOptions } from './pipeline-client.ts';
export { LogsError, LogsErrorType } from './application-logs.ts';
export type { ApplicationLogs, ApplicationLogsOptions } from './application-logs.ts';
export { SparkApplicationFailedError } from './application-result.ts';
export type { WorkflowEndFailure } from './workflow-end.ts';
export type { PendingActivity, SparkApplicationDescription } from './describe-application.ts';
export type { LiveSparkDriver } from './live-driver.ts';
export { RetryError, SparkClient } from './spark-client.ts';
export type {
  ApplicationReference,
  RetryApplicationOptions,
  SparkApplicationHandle,
  SparkClientOptions,
  StartApplicationOptions,
} from './spark-client.ts';
export { ScheduleClient } from './schedule-client.ts';
export type { AppliedSchedule, BackfillRange, ListedSchedule, SparkScheduleStatus } from './schedule-client.ts';
export type { RunOutcome, StartedRun } from './schedule-run.ts';
export { scheduleOptions } from './schedule-options.ts';
