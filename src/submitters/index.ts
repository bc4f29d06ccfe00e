export {
  parseSubmitters,
  readSubmitters,
  SubmittersConfigurationError,
  submittersSchema,
  type SubmittersConfiguration,
} from './choice/configuration.ts';
export { Submitters } from './choice/submitters.ts';
export { SubmitterCapability } from './contract.ts';
export type { CreatedDriver, SparkApplicationSubmitter, SubmissionRequest, SubmitterContext } from './contract.ts';
export { ensureOwned } from './ensure-owned.ts';
export { NativeSubmitter } from './native/native-submitter.ts';
export { SubmitterError, SubmitterErrorType } from './submitter-error.ts';
