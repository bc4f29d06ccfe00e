import { FailureType } from '../protocol/failure-type.ts';

/** Why a submitter, or the check of its result, failed. */
export const SubmitterErrorType = {
  /** A pod with the driver's name exists and belongs to something else. Not retryable. */
  DriverNameConflict: 'DriverNameConflict',
  /** What was created is not what the core had decided, or not what the submitter returned. Not retryable. */
  SubmitterContractViolation: FailureType.SubmitterContractViolation,
  /** The application, or a rule, names an unknown submitter. Not retryable. */
  UnknownSubmitter: FailureType.UnknownSubmitter,
  /** It threw an error without a type and without `retryable`. Retryable. */
  SubmitterFailed: 'SubmitterFailed',
  /** It neither returned nor stopped in time. Retryable. */
  SubmitterTimeout: 'SubmitterTimeout',
} as const;
export type SubmitterErrorType = (typeof SubmitterErrorType)[keyof typeof SubmitterErrorType];

export class SubmitterError extends Error {
  override readonly name = 'SubmitterError';
  readonly type: SubmitterErrorType;
  readonly retryable: boolean;

  constructor(type: SubmitterErrorType, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
    this.retryable = RETRYABLE.has(type);
  }
}

const RETRYABLE: ReadonlySet<SubmitterErrorType> = new Set([
  SubmitterErrorType.SubmitterFailed,
  SubmitterErrorType.SubmitterTimeout,
]);
