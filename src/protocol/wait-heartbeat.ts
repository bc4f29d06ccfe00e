import type { DriverProblem } from './driver.ts';
import type { ExecutorCounts } from './executor-counts.ts';
import type { SparkProgress } from './progress.ts';

/** What a wait knows of the progress of its driver. */
export interface ReportedProgress {
  /** What the driver says of its jobs, stages and tasks; absent where it can't be asked. */
  readonly progress?: SparkProgress;
  /** When the workflow was told last, in milliseconds since the epoch; survives attempts of the activity. */
  readonly reportedAt?: number;
}

/** Live view of a driver for Temporal's UI and `describe`, and what the next attempt of the activity starts from. */
export interface WaitHeartbeat extends Partial<DriverProblem>, ReportedProgress {
  readonly phase: 'pending' | 'running';
  readonly driver: string;
  readonly node?: string;
  readonly executors: ExecutorCounts;
  /** Milliseconds since the epoch since when the driver can't start. */
  readonly problemSince?: number;
  /** RFC 3339. */
  readonly observedAt: string;
}
