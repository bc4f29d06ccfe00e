import { defineQuery } from '@temporalio/workflow';
import type { FailureClass, SparkApplicationManifest } from '../manifest/index.ts';
import type { FailureCause } from './failure-cause.ts';
import { FailureType } from './failure-type.ts';
import type { ApplicationState } from './application-state.ts';
import type { LogArchiveSummary } from './driver.ts';
import type { ExecutorCounts } from './executor-counts.ts';
import type { SparkProgress } from './progress.ts';
import type { ServedStatus } from './resource.ts';
import type { TeamDefault } from './team-default.ts';

/** Workflow type of one Spark application. */
export const SPARK_APPLICATION_WORKFLOW = 'sparkApplication';

/** Default task queue of workers and clients. */
export const DEFAULT_TASK_QUEUE = 'temporal-spark';

/** `type` of the ApplicationFailure a workflow ends with when its application failed; its detail is the result. */
export const SPARK_APPLICATION_FAILED = FailureType.SparkApplicationFailed;

/** Memo key under which a cancelled workflow leaves its result. */
export const RESULT_MEMO = 'result';

/** Memo key of the cause of a failed application, in one line: lists have it. */
export const CAUSE_MEMO = 'cause';

/** Where the pods of an attempt may run, and why. */
export interface PlacementSummary {
  readonly profile: string;
  readonly driverPool: string;
  readonly executorPool: string;
  /** One sentence, for people. */
  readonly reason: string;
  /** What may keep pods from being scheduled, according to the nodes at the time of the submission. */
  readonly warnings?: readonly string[];
}

export interface QueueStatus {
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
  /** Counted from 1, as last reported; it is reported again whenever it has halved. */
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
  /** The class of a failure. */
  readonly failureClass?: FailureClass;
  readonly exitCode?: number;
  readonly reason?: string;
  /** Absent where the cause is long: together they have at most 300 characters. */
  readonly message?: string;
  /** Why it failed, in one line. */
  readonly cause?: string;
  readonly submittedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt: string;
  /** The submitter of the driver. */
  readonly submitter?: string;
  /** The cluster that it is on, where there are several. */
  readonly cluster?: string;
}

/** The objects that one submitter created, compared with those that another would create for the same attempt. */
export interface ShadowSummary {
  readonly submitter: string;
  /** `failed`: it rejected the attempt, or did not render it in time. */
  readonly result: 'same' | 'different' | 'failed';
  /** Number of unintended differences. */
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
  /** The message of Kubernetes or Spark about the end; after success the driver's termination log. */
  readonly message?: string;
  /** The class of a failure. */
  readonly failureClass?: FailureClass;
  /** Why it failed. */
  readonly failure?: FailureCause;
  /** The reason of the kill, where one was given. */
  readonly killReason?: string;
  /** Why the driver did not start, where it never did. */
  readonly problem?: { readonly reason: string; readonly message?: string };
  /** The end of the driver's log, where it failed and the log could still be read. */
  readonly logTail?: string;
  /** Where the logs of the last attempt are archived; absent where none are. */
  readonly logArchive?: LogArchiveSummary;
  /** As they were when the driver was last seen alive, for most go before it ends. */
  readonly executors?: ExecutorCounts;
  /** The submitter of the driver. */
  readonly submitter?: string;
  /** The cluster that it is on, where there are several. */
  readonly cluster?: string;
  readonly placement?: PlacementSummary;
  /** What the last attempt got from the defaults of its worker, where that has some. */
  readonly defaults?: readonly TeamDefault[];
  /** The comparison with a shadow, if any. */
  readonly shadow?: ShadowSummary;
  readonly submittedAt?: string;
  /** When the driver container started. */
  readonly startedAt?: string;
  /** When the driver container ended, or the end was recorded. */
  readonly finishedAt: string;
  /** Where it serves a resource. */
  readonly served?: ServedStatus;
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
  /** The submitter of the driver. */
  readonly submitter?: string;
  /** The cluster that it is on, where there are several. */
  readonly cluster?: string;
  readonly placement?: PlacementSummary;
  /** What the last attempt got from the defaults of its worker, where that has some. */
  readonly defaults?: readonly TeamDefault[];
  /** The comparison with a shadow, if any. */
  readonly shadow?: ShadowSummary;
  /** The reason of the kill, where one was given. */
  readonly killReason?: string;
  /**
   * Why the driver does not start, or is not observable, as long as that lasts; of a driver that never started, why it did
   * not.
   */
  readonly problem?: { readonly reason: string; readonly message?: string };
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly failureClass?: FailureClass;
  /** Where the logs of the attempt are archived, once it has ended; absent where none are. */
  readonly logArchive?: LogArchiveSummary;
  /** Why the attempt failed. */
  readonly failure?: FailureCause;
  /**
   * As they were when the driver was last seen alive; while it runs, as last reported: after half a minute, and each
   * time that it has run twice as long.
   */
  readonly executors?: ExecutorCounts;
  /** While the driver runs, as last reported. */
  readonly progress?: SparkProgress;
  /** The address of Spark's own UI, where the workers expose it. */
  readonly sparkUi?: string;
  readonly submittedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** The queue of its pool, while it waits for admission. */
  readonly queue?: QueueStatus;
  /** When the next attempt begins, while it waits for that. */
  readonly nextAttemptAt?: string;
  /** Where it serves a resource. */
  readonly served?: ServedStatus;
}

export const statusQuery = defineQuery<SparkApplicationStatus>('status');
export const manifestQuery = defineQuery<SparkApplicationManifest>('manifest');

/** A short description: Temporal's UI shows it at the head of the workflow's page. */
export function applicationSummary({ metadata, spec }: SparkApplicationManifest): string {
  // In a user's own workflow the manifest is not checked yet.
  const { sparkVersion, executor, dynamicAllocation, sparkConf } = spec as Partial<typeof spec>;
  const instances = executor?.instances;
  const isDynamic = dynamicAllocation?.enabled ?? sparkConf?.['spark.dynamicAllocation.enabled'] === 'true';
  const executors =
    instances === undefined
      ? isDynamic && 'executors as needed'
      : instances === 1
        ? '1 executor'
        : `${instances} executors`;
  return [metadata.name, `Spark ${sparkVersion ?? '?'}`, executors].filter(Boolean).join(' · ');
}
