import type { FailureClass } from '../../manifest/run-settings.ts';
import { ApplicationState, type AttemptSummary } from '../../protocol/index.ts';
import { AttemptEnd, type AttemptResult } from './attempt-end.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { summaryOf } from './view.ts';

/** Attempts that are remembered one by one. */
const HISTORY_LIMIT = 20;

/** Counters of a resource's status, which begin again when its spec is edited. */
export interface MirrorCounts {
  readonly submissions: number;
  readonly executions: number;
}

/** The counters and history of all attempts so far. A run carries it to the run that continues it. */
export interface Ledger {
  /** Attempts begun. */
  readonly attempts: number;
  /** Failed drivers since the last one that completed, by class. */
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  /** Submissions that failed since the last one that succeeded. */
  readonly submissionFailures: number;
  /** The last 20 that have ended. */
  readonly attemptHistory: readonly AttemptSummary[];
  /** Where there are several clusters: the one on which a driver may be left. */
  readonly leftOn?: string;
  /** Where it serves a resource: the counters of its status. */
  readonly mirror?: MirrorCounts;
}

export const EMPTY_LEDGER: Ledger = { attempts: 0, failures: {}, submissionFailures: 0, attemptHistory: [] };

/** As if nothing had failed yet: another attempt was requested. */
export const resetCounters = (ledger: Ledger): Ledger => ({ ...ledger, failures: {}, submissionFailures: 0 });

/** Counts an attempt that is over. One that a request interrupted is not a failure, and is recorded by `remembered`. */
export function counted(ledger: Ledger, attempt: AttemptRecord, { end }: AttemptResult): Ledger {
  const submissionFailures = attempt.submission === undefined ? ledger.submissionFailures : 0;
  switch (end) {
    case AttemptEnd.Completed:
      return remembered({ ...ledger, submissionFailures, failures: {} }, attempt, ApplicationState.Completed);
    case AttemptEnd.Failed: {
      const failures = withOneMore(ledger.failures, attempt.ending?.failureClass);
      return remembered({ ...ledger, submissionFailures, failures }, attempt, ApplicationState.Failed);
    }
    case AttemptEnd.SubmissionFailed: {
      const more = ledger.submissionFailures + 1;
      return remembered({ ...ledger, submissionFailures: more }, attempt, ApplicationState.SubmissionFailed);
    }
    case AttemptEnd.Interrupted:
      return { ...ledger, submissionFailures };
    default:
      return end satisfies never;
  }
}

/** Adds an attempt to the history, with the state in which it ended. */
export function remembered(ledger: Ledger, attempt: AttemptRecord, state: AttemptSummary['state']): Ledger {
  const attemptHistory = [...ledger.attemptHistory, summaryOf(attempt, state)].slice(-HISTORY_LIMIT);
  return { ...ledger, attemptHistory };
}

const withOneMore = (failures: Ledger['failures'], kind: FailureClass | undefined): Ledger['failures'] =>
  kind === undefined ? failures : { ...failures, [kind]: (failures[kind] ?? 0) + 1 };
