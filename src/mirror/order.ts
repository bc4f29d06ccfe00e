import { ApplicationState as State } from '../protocol/index.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';
import type { OperatorStatus } from './operator-status.ts';

/** How far an attempt is in each state. States of the same rank may follow each other in any order. */
const ranks: Readonly<Record<string, number>> = {
  [State.Resuming]: 0,
  [State.Submitted]: 1,
  [State.Running]: 2,
  [State.Unknown]: 2,
  [State.Invalidating]: 3,
  [State.Suspending]: 3,
  [State.Succeeding]: 4,
  [State.Failing]: 4,
  [State.SubmissionFailed]: 4,
  [State.Suspended]: 5,
  [State.PendingRerun]: 5,
  [State.Completed]: 6,
  [State.Failed]: 6,
};

/**
 * Whether a status may replace the one that a resource has: attempts are ordered by the time at which they began, the
 * states of one attempt by rank. A late write never undoes a newer one.
 *
 * @param since when the run of the workflow started, for a status without an attempt
 */
export function isNewer(wanted: OperatorStatus, found: unknown, since?: string): boolean {
  const { applicationState, lastSubmissionAttemptTime } = asRecord(found);
  const before = asText(asRecord(applicationState)['state']);
  if (before === undefined) return true;
  const { state: to } = wanted.applicationState;
  const begun = wanted.lastSubmissionAttemptTime ?? since;
  const begunBefore = asText(lastSubmissionAttemptTime);
  if (begunBefore === undefined) return before !== to;
  if (begun === undefined) return false;
  const order = Date.parse(begun) - Date.parse(begunBefore);
  if (order !== 0) return order > 0;
  return before !== to && (ranks[to] ?? 0) >= (ranks[before] ?? 0);
}
