import { ApplicationFailure } from '@temporalio/activity';

/** What every error of the lower rooms carries for a machine. */
interface TypedError extends Error {
  readonly type: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/**
 * The failure Temporal records for an error: its type, whether another try can help, and when. An error of no known
 * type is a defect of ours or of a submitter's; it is retried, as Temporal does by default.
 */
export function toApplicationFailure(error: unknown): unknown {
  if (!isTyped(error)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.type,
    nonRetryable: !error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    cause: error,
  });
}

function isTyped(error: unknown): error is TypedError {
  return (
    error instanceof Error &&
    typeof (error as Partial<TypedError>).type === 'string' &&
    typeof (error as Partial<TypedError>).retryable === 'boolean'
  );
}

/** Runs an activity's body so that what it throws is what Temporal should record. */
export async function withFailures<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw toApplicationFailure(error);
  }
}
