import { ApplicationFailure } from '@temporalio/activity';
import { Finality, finalityOf } from '../kubernetes/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../timings/index.ts';
import { present } from '../validation/present.ts';
import { judgeRefusal } from './unproven-refusal.ts';

/** The machine-readable fields of every error of the lower rooms. */
interface TypedError extends Error {
  readonly type: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/**
 * Runs an activity's body so that what it throws is what Temporal should record: the type of the error, whether another
 * try can help, and when. An error without a type is a defect of ours or of a submitter; it is retried, as Temporal
 * does by default. A refusal of an API server is retried until it is proven: `judgeRefusal`.
 */
export async function withFailures<T>(
  body: () => Promise<T>,
  { unprovenRefusalMs }: Pick<Timings, 'unprovenRefusalMs'> = DEFAULT_TIMINGS,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!isTypedError(error)) throw error;
    if (!isUnproven(error)) throw failureOf(error, error);
    const { isFinal, why } = await judgeRefusal(error, unprovenRefusalMs);
    throw failureOf(error, { retryable: !isFinal, message: `${error.message} ${why}` });
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
    // A refusal that is not proven may be over in a moment.
    const retryAfterMs = error.retryable || isUnproven(error) ? error.retryAfterMs : repairRetryMs;
    throw failureOf(error, { retryable: true, message: error.message, ...present({ retryAfterMs }) });
  }
}

/** By type: an error of a submission Job has no class. */
function isUnproven({ type, retryable }: TypedError): boolean {
  return !retryable && finalityOf(type) === Finality.Unproven;
}

function failureOf(
  error: TypedError,
  { message, retryable, retryAfterMs }: Pick<TypedError, 'message' | 'retryable' | 'retryAfterMs'>,
): ApplicationFailure {
  return ApplicationFailure.create({
    // Half a character would break the answer to Temporal.
    message: message.toWellFormed(),
    type: error.type,
    nonRetryable: !retryable,
    ...present({ nextRetryDelay: retryAfterMs }),
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
