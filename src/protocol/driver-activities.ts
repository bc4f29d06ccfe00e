import type { Counting } from './application-facts.ts';
import type { Mirroring } from './resource.ts';
import type { SubmissionIdentity } from './submission-identity.ts';
import type { DriverProblem, DriverReference, FinalOutcome } from './driver.ts';

export interface WaitInput extends DriverReference, Mirroring, Counting {
  /** The resource whose status has the states of the executors; absent where it serves none. */
  readonly owner?: NonNullable<SubmissionIdentity['owner']>;
  /** Return already when the driver runs, or only when it has ended. */
  readonly until: 'running' | 'ended';
  /**
   * Milliseconds a driver may be unable to start for a reason that rarely resolves itself (an image that cannot be
   * pulled, a missing ConfigMap) before the wait gives up.
   */
  readonly startProblemDeadlineMs: number;
  /** When to give up, and with which reason. @default never */
  readonly deadline?: WaitDeadline;
  /**
   * The problem that the caller knows already: any other problem that lasts for some seconds is returned, for the
   * caller to record and to wait on. @default nothing is returned that is not the end of this wait
   */
  readonly known?: ReportedProblem | null;
  /**
   * Milliseconds from the moment when the wait was scheduled, after which it returns RUNNING again: the caller schedules
   * another one, with a longer heartbeat timeout. @default never
   */
  readonly renewAfterMs?: number;
}

export interface WaitDeadline {
  /** In milliseconds since the epoch, by the workflow's clock; for workers that do not know `leftMs`. */
  readonly at: number;
  /** From the moment when the wait was scheduled, in milliseconds. @default until `at` */
  readonly leftMs?: number;
  readonly reason: string;
  readonly message: string;
}

/** A problem, and since when it keeps the driver from starting where it is one that rarely resolves itself. */
export interface ReportedProblem extends DriverProblem {
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly since?: number;
}

export type DriverObservation =
  /** `startedAt` is of the node's clock; `ranForMs` is how long it has run by that of the API server. */
  | { readonly state: 'RUNNING'; readonly startedAt?: string; readonly ranForMs?: number }
  /** It does not start yet, and why: keep waiting. */
  | { readonly state: 'PENDING'; readonly problem: ReportedProblem }
  /** It is not observable, because its node is NotReady: keep waiting. */
  | { readonly state: 'UNKNOWN'; readonly problem: ReportedProblem }
  | { readonly state: 'ENDED'; readonly outcome: FinalOutcome }
  /** It must be stopped: it cannot start, or a deadline has passed. */
  | { readonly state: 'GIVEN_UP'; readonly problem: DriverProblem };

export interface StopInput extends DriverReference, Mirroring, Counting {
  /** Seconds between SIGTERM and SIGKILL. @default the pod's own terminationGracePeriodSeconds */
  readonly gracePeriodSeconds?: number;
  /** A submission that failed, or was lost, and may still create the driver. @default the submission is settled */
  readonly unsettled?: UnsettledSubmission;
}

export interface UnsettledSubmission {
  /** Milliseconds after its failure in which its driver may appear. @default what a try that was lost may take */
  readonly forMs?: number;
  /** Milliseconds since its failure. */
  readonly passedMs: number;
  /** Name of the Job of `spark-submit-job`, where the submission had one. */
  readonly job?: string;
  /** That the driver runs as, and the Job; absent in the inputs of earlier versions. */
  readonly serviceAccount?: string;
}

/** Absent where this attempt never got a driver. */
export type StoppedDriver = { readonly outcome?: FinalOutcome };

export interface FinalizeInput extends Mirroring, Counting {
  /** Where there are several. */
  readonly cluster?: string;
  readonly namespace: string;
  readonly driverPodName: string;
  readonly driverPodUid: string;
  /**
   * Seconds after its end until housekeeping deletes the driver, null for never; given where it differs from the value
   * that the driver was submitted with.
   */
  readonly timeToLiveSeconds?: number | null;
  /** Its end is recorded, but no kubelet has confirmed it. @default false */
  readonly unconfirmed?: boolean;
  /** A submission of which a try was lost: its Job may still create a driver of this name. @default it has no Job */
  readonly submission?: SubmissionOfJob;
}

/** What is known of a submission that may have a Job. */
export interface SubmissionOfJob extends Required<Pick<UnsettledSubmission, 'job' | 'serviceAccount'>> {
  readonly submissionId: string;
}

/** What happened to the finalizer; all but `kept` mean that the pod no longer has our finalizer. */
export interface Finalized {
  readonly finalizer: 'removed' | 'absent' | 'gone' | 'foreign' | 'kept';
}
