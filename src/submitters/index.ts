export type { CreatedDriver, SparkApplicationSubmitter, SubmissionRequest, SubmitterContext } from './contract.ts';
export { NativeSubmitter } from './native/native-submitter.ts';
export { SubmitterError, SubmitterErrorType } from './submitter-error.ts';
