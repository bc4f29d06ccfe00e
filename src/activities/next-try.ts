import { Context } from '@temporalio/activity';
import { asRecord } from '../validation/unknown-data.ts';

/** By the try that leaves it. */
const left = new WeakMap<Context, object>();

/**
 * Adds to what this try leaves for the next one, perhaps of another worker: in its heartbeat, with its number.
 * For tries that fail; a heartbeat that follows replaces it.
 */
export function leaveForNextTry(part: object): void {
  const context = Context.current();
  const all = { ...left.get(context), ...part };
  left.set(context, all);
  context.heartbeat({ ...all, attempt: context.info.attempt });
}

/** What the previous try left. Empty where that one was lost, and for the first. */
export function leftByPreviousTry(): Readonly<Record<string, unknown>> {
  const { info } = Context.current();
  const heartbeatDetails: unknown = info.heartbeatDetails;
  const details = asRecord(heartbeatDetails);
  return details['attempt'] === info.attempt - 1 ? details : {};
}
