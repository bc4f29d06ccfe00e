/** The rules of the protocol, each with the file of `src/` that implements it. Times in ticks. */
export interface Rules {
  /** `activities/submit/submission-lease.ts`: a try creates nothing once it was not confirmed for so long (20 s). */
  readonly lease: number;
  /** What a process may stand still between the check of its lease and its request: heartbeat timeout less the lease. */
  readonly standstill: number;
  /** `workflows/application/attempt-activities.ts`: the server gives up a try that is silent for so long (30 s). */
  readonly heartbeatTimeout: number;
  /** `timings/timings.ts`: the API server carries out what it was sent within that time, or never (60 s). */
  readonly lateCreation: number;
  /** `activities/submit/lateness.ts`: a try whose answer is lost reports that its driver may still appear. */
  readonly reportsLateness: boolean;
  /** `workflows/application/attempt-record.ts`: of what several submissions of an attempt report, the longest counts. */
  readonly keepsLongestLateness: boolean;
  /** `activities/watch/late-driver.ts`: a stop that finds no driver waits until none can appear. */
  readonly stopWaits: boolean;
  /** `activities/watch/late-driver.ts`: it deletes the Job of the submission, and waits for its pod and what that sent. */
  readonly stopWaitsForJob: boolean;
  /** Assumed: Kubernetes ends a Job that exceeds its deadline only while no request of it is under way. */
  readonly jobsEndQuietly: boolean;
  /** `activities/watch/finalize-spark-application.ts`: so does the removal of the finalizer. */
  readonly releaseEndsJob: boolean;
  /** `workflows/application/attempt.ts`: a deleted driver keeps its finalizer, and its name, until no other can appear. */
  readonly holdsDeleted: boolean;
  /** The same: so does one that ended by itself, which the next attempt, housekeeping or a user deletes. */
  readonly holdsEnded: boolean;
  /** `workflows/application/attempt.ts`, `close`: the outcome is recorded before the finalizer is removed. */
  readonly recordsFirst: boolean;
  /** `activities/watch/driver-wait.ts`: the end of a deleted driver is recorded once it has ended. */
  readonly waitsForEnd: boolean;
  /** `activities/watch/finalize-spark-application.ts`: the finalizer stays on a driver that may still run. */
  readonly keepsUnconfirmed: boolean;
  /** `workflows/application/attempt-record.ts`, `clusterForNext`: no other cluster while a driver may be on this one. */
  readonly pinsCluster: boolean;
  /** `activities/submit/previous-driver.ts`: an attempt deletes the driver of the previous one before it creates its own. */
  readonly deletesPrevious: boolean;
  /** `activities/submit/previous-driver.ts`: and takes off its finalizer only once it has ended. */
  readonly waitsForPrevious: boolean;
  /** `submitters/create-driver.ts`: a pod of another attempt is not adopted. */
  readonly adoptsOwnOnly: boolean;
  /** `activities/housekeeping/driver-owner.ts`: housekeeping leaves the drivers of an open workflow alone. */
  readonly asksForOwner: boolean;
  /** `activities/housekeeping/driver-sweep.ts`: it deletes a driver that runs for a workflow that has ended. */
  readonly stopsOrphans: boolean;
  /** `activities/housekeeping/driver-sweep.ts`: it takes off the finalizer of one that has ended. */
  readonly releasesOrphans: boolean;
}

/** As in the product, 20 s and 10 s make 30 s, so no wait is longer than it must be. */
export const RULES: Rules = {
  ...{ lease: 1, standstill: 1, heartbeatTimeout: 2, lateCreation: 1 },
  ...{ reportsLateness: true, keepsLongestLateness: true, stopWaits: true, stopWaitsForJob: true },
  ...{ jobsEndQuietly: true, releaseEndsJob: true, holdsDeleted: true, holdsEnded: true, recordsFirst: true },
  ...{ waitsForEnd: true, keepsUnconfirmed: true, pinsCluster: true, deletesPrevious: true, waitsForPrevious: true },
  ...{ adoptsOwnOnly: true, asksForOwner: true, stopsOrphans: true, releasesOrphans: true },
};

/** What may happen to the application. */
export interface Surroundings {
  /** Attempts of the application, and tries of each. */
  readonly attempts: number;
  readonly tries: number;
  readonly clusters: number;
  /** How many of the attempts, from the first on, make a Job that creates the driver. */
  readonly jobs: number;
  /** Whether users delete driver pods, also that which ended. */
  readonly deletions: boolean;
  /** Whether nodes do not answer, so that the end of a deleted driver is not confirmed. */
  readonly lostNodes: boolean;
  /** Whether a new manifest changes the deadline of a submission, which is then asked for again. */
  readonly deadlines: boolean;
}

/** Ticks without a limit, of a process that stands still. */
export const FOREVER = 9;
