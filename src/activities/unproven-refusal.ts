import { Context } from '@temporalio/activity';
import { isKubernetesError, KubernetesErrorType, Opinion, opinionOn } from '../kubernetes/index.ts';
import { leaveForNextTry, leftByPreviousTry } from './next-try.ts';

export interface Judgement {
  readonly isFinal: boolean;
  /** For the message of the failure: since when, and what decides. */
  readonly why: string;
}

/**
 * In multiples of `unprovenRefusalMs`: how long something in front of an API server that would allow the request must
 * refuse it. Such a proxy or firewall gives no reason, so only time distinguishes a rule of it from an outage.
 */
const BOUNDS_OF_A_PROXY = 3;

/**
 * Whether a refusal of an API server ends the activity: every try was refused for that long, and a second opinion
 * confirms it. A 403 without the `Status` of an API server ends it after three times as long where the API server
 * itself would allow the request: then a proxy refuses. A try that is lost, or fails otherwise, starts the time again:
 * then something else is wrong, too.
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
  const opinion = await opinionOn(refusal);
  if (opinion === Opinion.Confirms) return { isFinal: true, why: `${since}, and confirmed.` };
  const isOfProxy = opinion === Opinion.Contradicts && isWithoutStatus(refusal);
  return isOfProxy && now >= refusedSince + BOUNDS_OF_A_PROXY * unprovenRefusalMs
    ? { isFinal: true, why: `${since}, by something in front of the API server, which would allow it.` }
    : { isFinal: false, why: `${since}; retrying, because the API server does not confirm it.` };
}

/** Every `Status` of a 403 has a reason. */
const isWithoutStatus = (refusal: Error): boolean =>
  isKubernetesError(refusal, KubernetesErrorType.Forbidden) && refusal.status === 403 && refusal.reason === undefined;
