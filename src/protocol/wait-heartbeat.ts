import type { DriverProblem } from './driver.ts';
import type { ExecutorCounts } from './executor-counts.ts';
import type { SparkProgress } from './progress.ts';

/** The progress of a driver, as its wait knows it. */
export interface ReportedProgress {
  /** The driver's jobs, stages and tasks; absent where it does not answer. */
  readonly progress?: SparkProgress;
  /**
   * When the last report was sent to the workflow, in milliseconds since the epoch; survives attempts of the activity.
   */
  readonly reportedAt?: number;
}

/** Live view of a driver for Temporal's UI and `describe`, and what the next attempt of the activity starts from. */
export interface WaitHeartbeat extends Partial<DriverProblem>, ReportedProgress {
  readonly phase: 'pending' | 'running';
  readonly driver: string;
  readonly node?: string;
  /** Of the driver's pod. */
  readonly uid?: string;
  readonly executors: ExecutorCounts;
  /** Since when the driver cannot start, in milliseconds since the epoch, by the API server's clock. */
  readonly problemSince?: number;
  /** Since when its log is archived after its end, in milliseconds since the epoch, by the API server's clock. */
  readonly archivingSince?: number;
  /** RFC 3339, by the API server's clock. */
  readonly observedAt: string;
}
