import { FailureType } from '../../protocol/index.ts';

/** Types of a submission's failures that no further try with the same manifest can mend. */
export const PERMANENT_FAILURES: readonly string[] = [
  FailureType.InvalidManifest,
  FailureType.PlacementRefused,
  FailureType.SubmissionRefused,
  FailureType.SubmitterContractViolation,
  FailureType.TranslationFailed,
  FailureType.UnknownCluster,
  FailureType.UnknownSubmitter,
];
