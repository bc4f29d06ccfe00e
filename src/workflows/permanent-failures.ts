/** Types of a submission's failures that no further try with the same manifest can mend. */
export const PERMANENT_FAILURES: readonly string[] = [
  'InvalidManifest',
  'PlacementRefused',
  'SubmissionRefused',
  'SubmitterContractViolation',
  'TranslationFailed',
  'UnknownCluster',
  'UnknownSubmitter',
];
