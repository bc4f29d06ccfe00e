import { FailureType } from '../../protocol/index.ts';

/** Types of a submission's failures that a retry with the same manifest cannot fix. */
export const PERMANENT_FAILURES: readonly string[] = [
  FailureType.InvalidManifest,
  FailureType.PlacementRefused,
  FailureType.ResourceDeleted,
  FailureType.SubmissionRefused,
  FailureType.SubmitterContractViolation,
  FailureType.TenancyRefused,
  FailureType.TranslationFailed,
  FailureType.UnknownCluster,
  FailureType.UnknownSubmitter,
];
