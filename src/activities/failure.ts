import { ApplicationFailure } from '@temporalio/activity';
import { DEFAULT_TIMINGS, type Timings } from '../timings/index.ts';
import { present } from '../validation/present.ts';

/** The machine-readable fields of every error of the lower rooms. */
interface TypedError extends Error {
  readonly type: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/**
 * Runs an activity's body so that what it throws is what Temporal should record: the type of the error, whether another
 * try can help, and when. An error without a type is a defect of ours or of a submitter; it is retried, as Temporal
 * does by default.
 */
export async function withFailures<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!isTypedError(error)) throw error;
    throw failureOf(error, error.retryable, error.retryAfterMs);
  }
}

/**
 * The same for activities that must not give up, because a driver would be left behind unwatched or unreleased: an
 * error that a retry cannot fix is retried slowly, until the cause has been fixed.
 */
export async function withPatience<T>(
  body: () => Promise<T>,
  { repairRetryMs }: Pick<Timings, 'repairRetryMs'> = DEFAULT_TIMINGS,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!isTypedError(error)) throw error;
    throw failureOf(error, true, error.retryable ? error.retryAfterMs : repairRetryMs);
  }
}

function failureOf(error: TypedError, retryable: boolean, delayMs: number | undefined): ApplicationFailure {
  return ApplicationFailure.create({
    // Half a character would break the answer to Temporal.
    message: error.message.toWellFormed(),
    type: error.type,
    nonRetryable: !retryable,
    ...present({ nextRetryDelay: delayMs }),
    cause: error,
  });
}

/** Whether an error carries its type and whether a retry can help. */
export function isTypedError(error: unknown): error is TypedError {
  return (
    error instanceof Error &&
    typeof (error as Partial<TypedError>).type === 'string' &&
    typeof (error as Partial<TypedError>).retryable === 'boolean'
  );
}
