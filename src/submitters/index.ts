export {
  parseSubmitters,
  readSubmitters,
  SubmittersConfigurationError,
  submittersSchema,
  type SubmittersConfiguration,
} from './choose/submitters-configuration.ts';
export type { Shadow } from './choose/shadow.ts';
export type { CanaryTrial } from './choose/canary.ts';
export { Submitters, unknownSubmitters } from './choose/submitters.ts';
export { SubmitterCapability } from './contract.ts';
export type {
  CreatedDriver,
  LostSubmission,
  RenderedDriver,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from './contract.ts';
export { driverObjects } from './driver-objects.ts';
export { ensureOwned } from './ensure-owned.ts';
export { IsolatedRights, IsolatedSubmitter, type IsolatedOptions } from './isolated/isolated-submitter.ts';
export { BatchSubmitter, type BatchOptions } from './batch/batch-submitter.ts';
export { NativeSubmitter } from './native/native-submitter.ts';
export { SparkSubmitSubmitter, type SparkSubmitOptions } from './spark-submit/spark-submit-submitter.ts';
export { SparkSubmitJobSubmitter, type SparkSubmitJobOptions } from './spark-submit-job/spark-submit-job-submitter.ts';
export { SUBMISSION_JOB } from './spark-submit-job/submission-job.ts';
export { writeOutcome, type SubmissionFailure, type SubmissionOutcome } from './spark-submit-job/outcome.ts';
export { runSubmissionJob, type RunSubmissionJobOptions } from './spark-submit-job/run-submission-job.ts';
export { recordingCreates, type RecordedCreates } from './recorded-creates.ts';
export { SubmitterError, SubmitterErrorType } from './submitter-error.ts';
