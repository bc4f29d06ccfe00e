import { defineQuery } from '@temporalio/workflow';
import type { FailureClass, SparkApplicationManifest } from '../manifest/index.ts';
import { FailureType } from './failure-type.ts';
import type { ApplicationState } from './application-state.ts';
import type { ExecutorCounts } from './executor-counts.ts';
import type { SparkProgress } from './progress.ts';

/** Workflow type of one Spark application. */
export const SPARK_APPLICATION_WORKFLOW = 'sparkApplication';

/** Default task queue of workers and clients. */
export const DEFAULT_TASK_QUEUE = 'temporal-spark';

/** `type` of the ApplicationFailure a workflow ends with when its application failed; its detail is the result. */
export const SPARK_APPLICATION_FAILED = FailureType.SparkApplicationFailed;

/** Memo key under which a cancelled workflow leaves its result. */
export const RESULT_MEMO = 'result';

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

export interface QueueStatus {
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
  /** Counted from 1, as last told; it is told anew whenever it has halved. */
  readonly place?: number;
  /** How many waited then. */
  readonly waiting?: number;
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
  /** The cluster it is on, where there are several. */
  readonly cluster?: string;
}

/** How what one submitter made compares with what another would have made of the same attempt. */
export interface ShadowSummary {
  readonly submitter: string;
  /** `failed`: it would not take the attempt, or did not say in time what it would make of it. */
  readonly result: 'same' | 'different' | 'failed';
  /** How many differences that are not intended. */
  readonly differences?: number;
  /** The first of them: JSON pointers into the objects. */
  readonly paths?: readonly string[];
  /** Why it failed. */
  readonly message?: string;
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
  /** As they were when the driver was last seen alive, for most go before it ends. */
  readonly executors?: ExecutorCounts;
  /** Who submitted the driver. */
  readonly submitter?: string;
  /** The cluster it is on, where there are several. */
  readonly cluster?: string;
  readonly placement?: PlacementSummary;
  /** What another submitter would have made of it, where one was to say so. */
  readonly shadow?: ShadowSummary;
  readonly submittedAt?: string;
  /** When the driver container started. */
  readonly startedAt?: string;
  /** When the driver container ended, or the end was recorded. */
  readonly finishedAt: string;
}

/** Answer of the `status` query. Times are RFC 3339. */
export interface SparkApplicationStatus {
  readonly state: ApplicationState;
  /** From a kill, or from Temporal's own cancel, until it is CANCELLED: no request is possible any more. */
  readonly stopping?: 'killed' | 'cancelled';
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
  /** The cluster it is on, where there are several. */
  readonly cluster?: string;
  readonly placement?: PlacementSummary;
  /** What another submitter would have made of it, where one was to say so. */
  readonly shadow?: ShadowSummary;
  /** Why the driver does not start, or can't be seen, as long as that lasts. */
  readonly problem?: { readonly reason: string; readonly message?: string };
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly failureClass?: FailureClass;
  /**
   * As they were when the driver was last seen alive; while it runs, as last told: after half a minute, and each time
   * that it has run twice as long.
   */
  readonly executors?: ExecutorCounts;
  /** While the driver runs, as last told. */
  readonly progress?: SparkProgress;
  /** Where Spark's own UI is reached, where the workers make ways to it. */
  readonly sparkUi?: string;
  readonly submittedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** The queue of its pool, while it waits to be let in. */
  readonly queue?: QueueStatus;
  /** When the next attempt begins, while it waits for that. */
  readonly nextAttemptAt?: string;
}

export const statusQuery = defineQuery<SparkApplicationStatus>('status');
export const manifestQuery = defineQuery<SparkApplicationManifest>('manifest');

/** What it is, in a few words: Temporal's UI shows it at the head of the workflow's page. */
export function applicationSummary({ metadata, spec }: SparkApplicationManifest): string {
  // In a workflow of somebody's own nobody has checked it yet.
  const { sparkVersion, executor } = spec as Partial<typeof spec>;
  const instances = executor?.instances;
  const executors =
    instances === undefined ? 'executors as needed' : instances === 1 ? '1 executor' : `${instances} executors`;
  return [metadata.name, `Spark ${sparkVersion ?? '?'}`, executors].join(' · ');
}
