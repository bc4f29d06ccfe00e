/**
 * The names and types that workflows, activities and clients share. Pure: it runs in Temporal's sandbox. A name that
 * was published is in histories, and never changes.
 *
 * @module
 */
// One application.
export {
  applicationSummary,
  CAUSE_MEMO,
  DEFAULT_TASK_QUEUE,
  manifestQuery,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  statusQuery,
} from './application.ts';
export type {
  AttemptSummary,
  PlacementSummary,
  QueueStatus,
  ShadowSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
} from './application.ts';
export { decodePayload } from './decode-payload.ts';
export type { RecordedSignal } from './recorded-signal.ts';
export { ApplicationFact } from './application-facts.ts';
export type { CountedFact, Counting } from './application-facts.ts';
export { ApplicationState, REQUESTED_ENDS } from './application-state.ts';
export {
  ApplicationRequest,
  killUpdate,
  REQUEST_REFUSED,
  restartUpdate,
  resumeUpdate,
  suspendUpdate,
  updateManifestUpdate,
} from './messages.ts';
export type { KillRequest, ManifestUpdateResult } from './messages.ts';
export { UpdateEffect } from './manifest-update.ts';
export type { CheckedUpdate, ManifestUpdate } from './manifest-update.ts';
export { readResource, RESOURCE_MEMO } from './resource.ts';
export type {
  MirroredAttempt,
  MirroredStatus,
  ServedStatus,
  Mirroring,
  ResourceReference,
  ResourceUpdate,
  UiExposure,
} from './resource.ts';
export { RunEnd, SCHEDULED_RESOURCE_WORKFLOW } from './scheduled-run.ts';
export type { CreateRunInput, RunReference, ScheduledRun, ScheduleReference } from './scheduled-run.ts';
export { describeExecutors } from './executor-counts.ts';
export type { ExecutorCounts } from './executor-counts.ts';
export { describeProgress, driverProgressSignal } from './progress.ts';
export type { DriverProgressReport, SparkProgress, StageProgress } from './progress.ts';

// One pipeline.
export {
  cancelStageUpdate,
  parentPausedSignal,
  pausePipelineUpdate,
  PIPELINE_ACTIVITY_WORKFLOW,
  pipelineManifestQuery,
  PipelineState,
  pipelineStatusQuery,
  pipelineSummary,
  resumePipelineUpdate,
  SCHEDULED_SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_FAILED,
  SPARK_PIPELINE_WORKFLOW,
  StageState,
} from './pipeline.ts';
export type { ParentPause, SparkPipelineResult, SparkPipelineStatus, StageStatus } from './pipeline.ts';
export type { RunHistoryLimits, SparkPipelineOptions } from './pipeline-options.ts';
export type { DoneItems, KeptStage, KeptStages } from './kept-stages.ts';
export { failedOutcome } from './child-outcome.ts';
export type { ChildOutcome } from './child-outcome.ts';

// Queues of pools, and semaphores.
export {
  ADMISSION_WORKFLOW,
  admissionAnswerSignal,
  admissionStatusQuery,
  askAdmissionSignal,
  leaveAdmissionSignal,
} from './admission.ts';
export type {
  AdmissionAnswer,
  AdmissionLimits,
  AdmissionRequest,
  AdmissionResources,
  AdmissionStatus,
  CarriedAdmission,
  CarriedRequest,
  RequestAdmissionInput,
} from './admission.ts';
export { describeLimits, describeQueue } from './describe-admission.ts';
export {
  acquireSemaphoreSignal,
  releaseSemaphoreSignal,
  SEMAPHORE_WORKFLOW,
  semaphoreGrantedSignal,
  semaphoreStatusQuery,
} from './semaphore.ts';
export type { CarriedSemaphore, GrantedPlace, SemaphorePlace, SemaphoreRequest, SemaphoreStatus } from './semaphore.ts';

// Housekeeping, and the self-test of workers.
export { HOUSEKEEPING_SCHEDULE_ID, HOUSEKEEPING_WORKFLOW } from './housekeeping.ts';
export type { HousekeepingOptions, SweepInput, SweepReport } from './housekeeping.ts';
export { CANARY_WORKFLOW } from './canary.ts';
export type { CanaryActivities, CanaryInput } from './canary.ts';

// The interfaces of activities, with their inputs and outputs.
export type { SparkActivities, StageOutputsInput } from './spark-activities.ts';
export { isAdmissionNeeded } from './submission.ts';
export type {
  AdmissionNeeded,
  AttemptPlan,
  ClusterUnreachable,
  LateSubmission,
  SubmitAnswer,
  SubmitInput,
  SubmittedDriver,
} from './submission.ts';
export type { TeamDefault } from './team-default.ts';
export { submissionJobName } from './submission-identity.ts';
export type { SubmissionIdentity } from './submission-identity.ts';
export type { DriverOutcome, DriverProblem, DriverReference, FinalOutcome, LogArchiveSummary } from './driver.ts';
export type {
  DriverObservation,
  Finalized,
  FinalizeInput,
  ReportedProblem,
  StopInput,
  StoppedDriver,
  SubmissionOfJob,
  UnsettledSubmission,
  WaitDeadline,
  WaitInput,
} from './driver-activities.ts';
export type { ReportedProgress, WaitHeartbeat } from './wait-heartbeat.ts';
export type { PipelineActivities, RequestSemaphoreInput, WorkflowReference } from './pipeline-activities.ts';

// Names that stand in ids, failures, results and visibility.
export {
  admissionWorkflowId,
  factsOfWorkflowId,
  oldPipelineWorkflowId,
  pipelineRunName,
  runOfPipeline,
  semaphoreWorkflowId,
  scheduledRunWorkflowId,
  sparkApplicationWorkflowId,
  sparkPipelineScheduleId,
  sparkPipelineWorkflowId,
  stageWorkflowId,
} from './ids.ts';
export type { WorkflowIdFacts } from './ids.ts';
export { CauseKind } from './failure-cause.ts';
export type { FailureCause } from './failure-cause.ts';
export { remedies, remedyOf } from './failure-remedies.ts';
export { FailureType } from './failure-type.ts';
export { DriverReason } from './driver-reason.ts';
export { describeStageReason, StageReason } from './stage-reason.ts';
export { applicationAttributes, pipelineAttributes, SearchAttribute } from './search-attributes.ts';
