export type { CreatedDriver, SparkApplicationSubmitter, SubmissionRequest, SubmitterContext } from './contract.ts';
export { ensureOwned } from './ensure-owned.ts';
export { NativeSubmitter } from './native/native-submitter.ts';
export { SubmitterError, SubmitterErrorType } from './submitter-error.ts';
