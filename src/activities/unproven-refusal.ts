import { Context } from '@temporalio/activity';
import { isConfirmed } from '../kubernetes/index.ts';

/** What a refused try leaves to the next one, in its heartbeat. Times are those of Temporal's clock. */
interface Refusals {
  /** When the first of these tries was scheduled, in milliseconds since the epoch. */
  readonly refusedSince: number;
  /** The last of these tries. */
  readonly attempt: number;
}

export interface Judgement {
  readonly isFinal: boolean;
  /** For the message of the failure: since when, and what decides. */
  readonly why: string;
}

/**
 * Whether a refusal of an API server ends the activity: every try was refused for that long, and a second opinion
 * confirms it. A try that is lost, or fails otherwise, starts the time again: then something else is wrong, too.
 */
export async function judgeRefusal(refusal: Error, unprovenRefusalMs: number): Promise<Judgement> {
  const context = Context.current();
  const { attempt, currentAttemptScheduledTimestampMs: now } = context.info;
  const before = context.info.heartbeatDetails as Partial<Refusals> | undefined;
  const refusedSince = (before?.attempt === attempt - 1 && before.refusedSince) || now;
  // Recorded with the failure: the next try may be another worker's.
  context.heartbeat({ refusedSince, attempt } satisfies Refusals);
  const since = `Refused since ${new Date(refusedSince).toISOString()}`;
  const finalAt = refusedSince + unprovenRefusalMs;
  if (now < finalAt) {
    return { isFinal: false, why: `${since}; retrying until at least ${new Date(finalAt).toISOString()}.` };
  }
  return (await isConfirmed(refusal))
    ? { isFinal: true, why: `${since}, and confirmed.` }
    : { isFinal: false, why: `${since}; retrying, because the API server does not confirm it.` };
}
