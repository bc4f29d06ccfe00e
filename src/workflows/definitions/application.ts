import { defineQuery } from '@temporalio/workflow';
import type { FailureClass, SparkApplicationManifest } from '../../manifest/index.ts';
import type { ApplicationState } from './application-state.ts';

/** Workflow type of one Spark application. */
export const SPARK_APPLICATION_WORKFLOW = 'sparkApplication';

/** Default task queue of workers and clients. */
export const DEFAULT_TASK_QUEUE = 'temporal-spark';

/** `type` of the ApplicationFailure a workflow ends with when its application failed; its detail is the result. */
export const SPARK_APPLICATION_FAILED = 'SparkApplicationFailed';

/** Memo key under which a cancelled workflow leaves its result. */
export const RESULT_MEMO = 'result';

/** How many executor pods of an attempt were last seen in which phase. */
export interface ExecutorCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** Where the pods of an attempt may run, and why. */
export interface PlacementSummary {
  readonly profile: string;
  readonly driverPool: string;
  readonly executorPool: string;
  /** In a sentence, for a person. */
  readonly reason: string;
  /** What may keep pods from being scheduled, as far as the nodes there told when it was submitted. */
  readonly warnings?: readonly string[];
}

/** One attempt that is over. Times are RFC 3339. */
export interface AttemptSummary {
  /** Counted from 1. */
  readonly attempt: number;
  readonly submissionId: string;
  /** How it ended; `SUSPENDED` and `INVALIDATING` where it was stopped for that. */
  readonly state:
    | typeof ApplicationState.Completed
    | typeof ApplicationState.Failed
    | typeof ApplicationState.SubmissionFailed
    | typeof ApplicationState.Suspended
    | typeof ApplicationState.Invalidating
    | typeof ApplicationState.Cancelled;
  /** Whose fault a failure was. */
  readonly failureClass?: FailureClass;
  readonly exitCode?: number;
  readonly reason?: string;
  /** At most 300 characters. */
  readonly message?: string;
  readonly submittedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt: string;
  /** Who submitted the driver. */
  readonly submitter?: string;
}

/** What a workflow returns, or carries in its failure, about a finished application. Times are RFC 3339. */
export interface SparkApplicationResult {
  readonly state:
    typeof ApplicationState.Completed | typeof ApplicationState.Failed | typeof ApplicationState.Cancelled;
  readonly namespace: string;
  readonly name: string;
  /** Attempts made; a submission that never created a driver counts. */
  readonly attempts: number;
  /** The last 20 of them; absent where there was only this one. */
  readonly attemptHistory?: readonly AttemptSummary[];
  readonly submissionId: string;
  readonly sparkApplicationId: string;
  readonly driverPodName: string;
  /** Exit code of the driver container; absent where it never ran or vanished. */
  readonly exitCode?: number;
  /** One word for why it ended so: `Completed`, `Error`, `OOMKilled`, `ImagePullBackOff`, `DriverVanished`, … */
  readonly reason?: string;
  /** What Kubernetes or Spark says about the end; after success what the driver wrote to its termination log. */
  readonly message?: string;
  /** Whose fault a failure was. */
  readonly failureClass?: FailureClass;
  /** The end of the driver's log, where it failed and the log could still be read. */
  readonly logTail?: string;
  readonly executors?: ExecutorCounts;
  /** Who submitted the driver. */
  readonly submitter?: string;
  readonly placement?: PlacementSummary;
  readonly submittedAt?: string;
  /** When the driver container started. */
  readonly startedAt?: string;
  /** When the driver container ended, or the end was recorded. */
  readonly finishedAt: string;
}

/** Answer of the `status` query. Times are RFC 3339. */
export interface SparkApplicationStatus {
  readonly state: ApplicationState;
  readonly namespace: string;
  readonly name: string;
  /** Attempts begun. */
  readonly attempts: number;
  /** The last 20 that are over. */
  readonly attemptHistory: readonly AttemptSummary[];
  readonly submissionId?: string;
  readonly sparkApplicationId?: string;
  readonly driverPodName?: string;
  /** Who submitted the driver. */
  readonly submitter?: string;
  readonly placement?: PlacementSummary;
  /** Why the driver does not start, or can't be seen, as long as that lasts. */
  readonly problem?: { readonly reason: string; readonly message?: string };
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly failureClass?: FailureClass;
  /** As they were when the driver ended. */
  readonly executors?: ExecutorCounts;
  readonly submittedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the next attempt begins, while it waits for that. */
  readonly nextAttemptAt?: string;
}

export const statusQuery = defineQuery<SparkApplicationStatus>('status');
export const manifestQuery = defineQuery<SparkApplicationManifest>('manifest');

/** The workflow that is the application: one may run at a time. */
export function sparkApplicationWorkflowId(namespace: string, name: string): string {
  return `spark/${namespace}/${name}`;
}
