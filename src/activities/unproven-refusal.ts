import { Context } from '@temporalio/activity';
import { isConfirmed } from '../kubernetes/index.ts';
import { leaveForNextTry, leftByPreviousTry } from './next-try.ts';

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
  // When a try was scheduled, by Temporal's clock.
  const { currentAttemptScheduledTimestampMs: now } = Context.current().info;
  const before = leftByPreviousTry()['refusedSince'];
  const refusedSince = typeof before === 'number' ? before : now;
  leaveForNextTry({ refusedSince });
  const since = `Refused since ${new Date(refusedSince).toISOString()}`;
  const finalAt = refusedSince + unprovenRefusalMs;
  if (now < finalAt) {
    return { isFinal: false, why: `${since}; retrying until at least ${new Date(finalAt).toISOString()}.` };
  }
  return (await isConfirmed(refusal))
    ? { isFinal: true, why: `${since}, and confirmed.` }
    : { isFinal: false, why: `${since}; retrying, because the API server does not confirm it.` };
}
