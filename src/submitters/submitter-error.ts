/** Why a submitter, or the check of what it made, gave up. None of these is helped by trying the same again. */
export const SubmitterErrorType = {
  /** A pod with the driver's name exists and belongs to something else. */
  DriverNameConflict: 'DriverNameConflict',
  /** What was created is not what the core had decided: name, labels or finalizer differ. */
  SubmitterContractViolation: 'SubmitterContractViolation',
} as const;
export type SubmitterErrorType = (typeof SubmitterErrorType)[keyof typeof SubmitterErrorType];

export class SubmitterError extends Error {
  override readonly name = 'SubmitterError';
  readonly type: SubmitterErrorType;
  readonly retryable = false;

  constructor(type: SubmitterErrorType, message: string) {
    super(message);
    this.type = type;
  }
}
