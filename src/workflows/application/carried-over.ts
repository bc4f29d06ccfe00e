import type { FailureClass } from '../../manifest/run-settings.ts';
import type { AttemptSummary } from '../../protocol/index.ts';

/** What a run hands to the one that continues it. */
export interface CarriedOver {
  readonly attempts: number;
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  readonly submissionFailures: number;
  readonly attemptHistory: readonly AttemptSummary[];
  /** Where there are several: the cluster on which a driver may be left. */
  readonly leftOn?: string;
}
