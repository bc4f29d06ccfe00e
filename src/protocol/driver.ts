import type { ExecutorCounts } from './executor-counts.ts';
import type { FailureCause } from './failure-cause.ts';

/** Which driver: a pod of the same name with another submission ID is another driver. */
export interface DriverReference {
  /** Where there are several. */
  readonly cluster?: string;
  readonly namespace: string;
  readonly driverPodName: string;
  readonly submissionId: string;
  /** Of its pod, where it is known: then the driver is found also where its label was taken off. */
  readonly driverPodUid?: string;
  /** Milliseconds for which a deleted driver keeps its finalizer while its node is NotReady. @default 600000 */
  readonly lostNodeDeadlineMs?: number;
  /** Milliseconds after which the driver is read directly although the watch shows no change. @default 300000 */
  readonly confirmEveryMs?: number;
}

/** Why a driver does not start, or is not observable. */
export interface DriverProblem {
  /** Kubernetes' own word: `Unschedulable`, `ImagePullBackOff`, `CreateContainerConfigError`, `NodeNotReady`, … */
  readonly reason: string;
  readonly message?: string;
}

/** The outcome of a driver. Times are RFC 3339. */
export interface DriverOutcome {
  readonly succeeded: boolean;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `Evicted`, `DriverVanished`, `ImagePullBackOff`, … */
  readonly reason: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** The pod was deleted before its end was recorded. */
  readonly deleted: boolean;
}

/** What an archive has of the logs of one attempt. */
export interface LogArchiveSummary {
  /** The folder of the attempt, a `file:` or `s3:` URL. */
  readonly location: string;
  /** Whether it has every byte that the driver wrote, and each of its executors where those are archived. */
  readonly complete: boolean;
  /** What is missing, and why. */
  readonly problem?: string;
}

/** The outcome of a driver, with the evidence that is kept. */
export interface FinalOutcome extends DriverOutcome {
  /** Absent where the pod vanished. */
  readonly driverPodUid?: string;
  /** The process may still run: no kubelet has confirmed its end. @default false */
  readonly unconfirmed?: boolean;
  /** Why it failed, where its log, or the end of its container, shows that. */
  readonly failure?: FailureCause;
  /** The end of the driver's log, where it failed and the log could still be read. */
  readonly logTail?: string;
  /** Where the logs of the attempt are archived; absent where none are. */
  readonly logArchive?: LogArchiveSummary;
  readonly executors: ExecutorCounts;
}
