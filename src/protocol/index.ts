export { ApplicationState } from './application-state.ts';
export {
  applicationSummary,
  DEFAULT_TASK_QUEUE,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  manifestQuery,
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
export {
  ApplicationRequest,
  killUpdate,
  possibleRequests,
  REQUEST_REFUSED,
  restartUpdate,
  resumeUpdate,
  suspendUpdate,
  updateManifestUpdate,
} from './messages.ts';
export type { KillRequest, ManifestUpdateResult } from './messages.ts';
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
} from './admission.ts';
export { describeLimits, describeQueue } from './describe-admission.ts';
export { describeExecutors, type ExecutorCounts } from './executor-counts.ts';
export { describeProgress, driverProgressSignal } from './progress.ts';
export type { DriverProgressReport, SparkProgress, StageProgress } from './progress.ts';
export { HOUSEKEEPING_SCHEDULE_ID, HOUSEKEEPING_WORKFLOW } from './housekeeping.ts';
export type { HousekeepingOptions } from './housekeeping.ts';
export { applicationAttributes, pipelineAttributes, SearchAttribute } from './search-attributes.ts';
export { CANARY_WORKFLOW, type CanaryActivities, type CanaryInput } from './canary.ts';
export {
  cancelStageUpdate,
  parentPausedSignal,
  pausePipelineUpdate,
  PIPELINE_ACTIVITY_WORKFLOW,
  pipelineManifestQuery,
  PipelineState,
  pipelineStatusQuery,
  SCHEDULED_SPARK_APPLICATION_WORKFLOW,
  resumePipelineUpdate,
  SPARK_PIPELINE_FAILED,
  SPARK_PIPELINE_WORKFLOW,
  StageState,
} from './pipeline.ts';
export type { ParentPause, SparkPipelineResult, SparkPipelineStatus, StageStatus } from './pipeline.ts';
export { failedOutcome, type ChildOutcome } from './child-outcome.ts';
export type { DoneItems, KeptStage, KeptStages } from './kept-stages.ts';
export type { RunHistoryLimits, SparkPipelineOptions } from './pipeline-options.ts';
export {
  acquireSemaphoreSignal,
  releaseSemaphoreSignal,
  SEMAPHORE_WORKFLOW,
  semaphoreGrantedSignal,
  semaphoreStatusQuery,
} from './semaphore.ts';
export type { CarriedSemaphore, GrantedPlace, SemaphorePlace, SemaphoreRequest, SemaphoreStatus } from './semaphore.ts';
export type { RequestAdmissionInput } from './admission.ts';
export type { DriverOutcome, DriverProblem, DriverReference, FinalOutcome } from './driver.ts';
export type {
  DriverObservation,
  FinalizeInput,
  Finalized,
  ReportedProblem,
  StopInput,
  StoppedDriver,
  WaitInput,
} from './driver-activities.ts';
export type { SweepInput, SweepReport } from './housekeeping.ts';
export { UpdateEffect, type CheckedUpdate, type ManifestUpdate } from './manifest-update.ts';
export type { PipelineActivities, RequestSemaphoreInput, WorkflowReference } from './pipeline-activities.ts';
export type { SparkActivities, StageOutputsInput } from './spark-activities.ts';
export type {
  AdmissionNeeded,
  ClusterChosen,
  ClusterUnreachable,
  SubmitAnswer,
  SubmitInput,
  SubmittedDriver,
} from './submission.ts';
export type { SubmissionIdentity } from './submission-identity.ts';
export type { ReportedProgress, WaitHeartbeat } from './wait-heartbeat.ts';
export {
  admissionWorkflowId,
  factsOfWorkflowId,
  runOfPipeline,
  semaphoreWorkflowId,
  sparkApplicationWorkflowId,
  sparkPipelineScheduleId,
  sparkPipelineWorkflowId,
  stageWorkflowId,
  type WorkflowIdFacts,
} from './ids.ts';
export { FailureType } from './failure-type.ts';
export { DriverReason } from './driver-reason.ts';
export { StageReason } from './stage-reason.ts';
