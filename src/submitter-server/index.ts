/** The Kubeflow operator's REST submitter protocol, served by the native submitter (docs/submitter-server.md). @module */
export {
  ErrorCode,
  SUBMIT_PATH,
  type SubmitErrorResponse,
  type SubmitRequest,
  type SubmitResponse,
} from './protocol.ts';
export {
  SubmissionServer,
  type Answered,
  type SubmissionLimits,
  type SubmissionServerOptions,
} from './submission-server.ts';
export { submitterOf } from './submit.ts';
export type { TlsFiles } from './tls-files.ts';
export type { TranslationOptions } from './to-submission-request.ts';
