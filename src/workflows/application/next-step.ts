import { allHandlersFinished } from '@temporalio/workflow';
import { ApplicationState } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { AttemptEnd, type AttemptResult } from './attempt-end.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Intent } from './intent.ts';
import { counted, type Ledger } from './ledger.ts';
import { restartDelayMs } from './restart-policy.ts';

/** An application whose attempt has ended. */
export interface EndedAttempt {
  readonly intent: Intent;
  /** With the attempt counted. */
  readonly ledger: Ledger;
  readonly attempt: AttemptRecord | undefined;
}

/**
 * Milliseconds until the next attempt; undefined where no other follows.
 *
 * @param random a number of [0, 1), for the jitter
 */
export function delayBeforeNext(
  { intent, ledger, attempt }: EndedAttempt,
  result: AttemptResult,
  random: number,
): number | undefined {
  if (result.end === AttemptEnd.Interrupted || intent.isRerun || intent.kill !== undefined) return 0;
  if (result.end === AttemptEnd.SubmissionFailed && result.permanent) return undefined;
  const { failures, submissionFailures } = ledger;
  return restartDelayMs({
    policy: intent.manifest.spec.restartPolicy,
    settings: intent.settings,
    end: result.end,
    ...present({ failureClass: attempt?.ending?.failureClass }),
    counts: { failures, submissionFailures },
    random,
  });
}

/**
 * The state of the application once nothing of the driver is left to be done, as far as it is known: a request may
 * still come.
 *
 * @param ledger without the attempt
 * @param state the present one
 */
export function stateAfter(
  { intent, ledger, attempt }: EndedAttempt & { readonly attempt: AttemptRecord },
  result: AttemptResult,
  state: ApplicationState,
): ApplicationState {
  const { end } = result;
  if (intent.stopping !== undefined) return ApplicationState.Cancelled;
  if (end !== AttemptEnd.Completed && intent.isSuspended) return ApplicationState.Suspended;
  if (end === AttemptEnd.Interrupted || !allHandlersFinished()) return state;
  const after = counted(ledger, attempt, result);
  if (delayBeforeNext({ intent, ledger: after, attempt }, result, 0) !== undefined) return state;
  return end === AttemptEnd.Completed ? ApplicationState.Completed : ApplicationState.Failed;
}
