import type { ManifestError, ParameterError } from '../manifest/index.ts';

/** Types of the ApplicationFailures by which workflows and activities end. They are in histories: they never change. */
export const FailureType = {
  /** A workflow was started with a cronSchedule, which it cannot run under. */
  CronScheduleRefused: 'CronScheduleRefused',
  InvalidArgument: 'InvalidArgument',
  InvalidManifest: 'InvalidManifest' satisfies ManifestError['type'],
  InvalidParameters: 'InvalidParameters' satisfies ParameterError['type'],
  /** Its manifest, or its placement profile, asks for nodes that it must not use. */
  PlacementRefused: 'PlacementRefused',
  /** A request is not possible in the present state. */
  RequestRefused: 'RequestRefused',
  /** The resource of the application was deleted. */
  ResourceDeleted: 'ResourceDeleted',
  /** A workflow was started with a retry policy of Temporal, which it cannot run under. */
  RetryPolicyRefused: 'RetryPolicyRefused',
  /** The SparkApplication of a run of a schedule failed. */
  ScheduledRunFailed: 'ScheduledRunFailed',
  /** A SparkApplication that does not belong to the schedule has the name of its run. */
  ScheduledRunNameInUse: 'ScheduledRunNameInUse',
  /** An application failed; the failure's detail is its result. */
  SparkApplicationFailed: 'SparkApplicationFailed',
  /** A pipeline failed; the failure's detail is its result. */
  SparkPipelineFailed: 'SparkPipelineFailed',
  /** Spark, the API server or the submitter would refuse the submission. */
  SubmissionRefused: 'SubmissionRefused',
  SubmitterContractViolation: 'SubmitterContractViolation',
  /** The worker's tenancy configuration does not allow what the application uses. */
  TenancyRefused: 'TenancyRefused',
  TranslationFailed: 'TranslationFailed',
  UnknownCluster: 'UnknownCluster',
  UnknownSubmitter: 'UnknownSubmitter',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];
