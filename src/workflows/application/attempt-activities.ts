import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityOptions,
  type RetryPolicy,
} from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import type { RunSettings } from '../../manifest/run-settings.ts';
import {
  ApplicationState,
  DriverReason,
  submissionJobName,
  type CheckedUpdate,
  type Counting,
  type DriverObservation,
  type FinalizeInput,
  type FinalOutcome,
  type SparkActivities,
  type StopInput,
  type SubmissionOfJob,
  type SubmitAnswer,
  type WaitDeadline,
  type WaitInput,
} from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, receivedTimings, type ApplicationTimings } from '../../timings/index.ts';
import { changedTimeToLive, unsettledMs, type AttemptRecord } from './attempt-record.ts';
import { FactsToCount } from './facts-to-count.ts';
import type { ResourceMirror } from './resource-mirror.ts';
import { present } from '../../validation/present.ts';

/** All but the one that only `Attempt.close` may call. */
type OpenActivities = Omit<SparkActivities, 'finalizeSparkApplication'>;

/** The application as it is now: its manifest may be replaced while it runs. */
export interface CurrentApplication {
  readonly namespace: string;
  readonly name: string;
  readonly manifest: SparkApplicationManifest;
  readonly settings: RunSettings;
}

// Explicit: the SDK's documentation names another default for the cancellation type than the effective one.
const submission = proxyActivities<OpenActivities>({
  // A submission under way may create the driver at any moment: its result must be known before it can be undone.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // Not every submitter takes milliseconds: one runs a JVM. A dead worker is noticed by its silence.
  startToCloseTimeout: '5 minutes',
});
// A wait is as long as the application. What bounds it is the heartbeat: a lost worker is noticed by its silence.
const wait = proxyActivities<OpenActivities>({
  startToCloseTimeout: '30 days',
  // It only observes, so a cancel need not wait for it: the driver is stopped at once.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});
// It has no effect but its answer: a request that is cancelled does not wait for it.
const check = proxyActivities<OpenActivities>({
  startToCloseTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: retryOf(DEFAULT_TIMINGS),
});

/** Of all tries together of the removal of what a failed submission left, once its driver cannot appear any more. */
const REMOVAL_DEADLINE_MS = 120_000;

/** Part of `longRunMs` that may be left when a wait is scheduled as that of a long run. */
const LONG_RUN_REST = 0.1;

export interface SubmitOptions {
  /** The queue of the pool has admitted the attempt. */
  readonly isAdmitted: boolean;
  /** When it was first asked for, in milliseconds since the epoch: its deadline counts from then. */
  readonly askedAt: number;
  /** The visible state of the application. */
  readonly state: ApplicationState;
}

export interface WaitOptions {
  readonly until: WaitInput['until'];
  /** Whether a problem of the driver ends the wait. */
  readonly reportProblems: boolean;
}

export interface StopOptions {
  /** Between SIGTERM and SIGKILL. @default the pod's own */
  readonly gracePeriodSeconds?: number;
  /**
   * After a failed submission: what it counts. Times out after two minutes, because the cause of the failure, such as a
   * missing permission, may also block the removal. @default no removal
   */
  readonly removal?: Counting;
}

/** The activities of one application. */
export class ApplicationActivities {
  /** Of the worker that submitted last; until one has, the defaults. */
  timings: ApplicationTimings = receivedTimings();
  private readonly application: CurrentApplication;
  readonly facts: FactsToCount;
  private readonly mirror: ResourceMirror;

  constructor(application: CurrentApplication, mirror: ResourceMirror) {
    this.application = application;
    this.facts = new FactsToCount(application);
    this.mirror = mirror;
  }

  /** Submits the driver. */
  async submit(attempt: AttemptRecord, { isAdmitted, askedAt, state }: SubmitOptions): Promise<SubmitAnswer> {
    const { identity, cluster, defaults } = attempt;
    const { namespace, name, manifest, settings } = this.application;
    const { submissionDeadlineMs } = settings;
    // A deadline that has passed already still ends it, by Temporal's own timeout.
    const leftMs = submissionDeadlineMs && Math.max(1, askedAt + submissionDeadlineMs - Date.now());
    const answer = await submission.submitSparkApplication.executeWithOptions(
      {
        summary: `submit ${namespace}/${name}${cluster === undefined ? '' : ` on ${cluster.name}`}`,
        ...this.attended(),
        ...present({ scheduleToCloseTimeout: leftMs }),
      },
      [
        {
          manifest,
          identity,
          ...(isAdmitted ? { admitted: true } : {}),
          ...(cluster === undefined ? {} : { cluster: cluster.name }),
          ...(cluster?.isPinned === true ? { isBound: true } : {}),
          records: ['defaults'],
          ...present({ defaults }),
          ...(state === ApplicationState.Resuming ? this.mirror.of(attempt, state) : {}),
          ...this.facts.ofSubmission(attempt),
        },
      ],
    );
    this.timings = receivedTimings(answer);
    return answer;
  }

  /** Waits for an observation of the driver: at the latest when it runs, or when it has ended. */
  wait(attempt: AttemptRecord, { until, reportProblems }: WaitOptions): Promise<DriverObservation> {
    const { settings } = this.application;
    const deadline =
      attempt.startedAt === undefined ? pendingDeadline(settings, attempt) : runningDeadline(settings, attempt);
    const summary = `wait for ${attempt.identity.driverPodName} ${until === 'running' ? 'to start' : 'to end'}`;
    const { heartbeatTimeout, renewAfterMs } = this.attendance(attempt, until);
    return wait.waitForSparkDriver.executeWithOptions({ summary, ...this.attended(), heartbeatTimeout }, [
      {
        ...this.driverOf(attempt),
        until,
        startProblemDeadlineMs: settings.startProblemDeadlineMs,
        ...present({ deadline }),
        ...present({ owner: this.mirror.owner, renewAfterMs }),
        ...(reportProblems ? { known: attempt.problem ?? null } : {}),
        ...this.mirror.of(attempt),
        ...this.facts.of(attempt),
      },
    ]);
  }

  /** Stops the driver, if one exists. */
  async stop(attempt: AttemptRecord, { gracePeriodSeconds, removal }: StopOptions = {}): Promise<FinalOutcome> {
    const { since, forMs } = attempt.unsettled ?? {};
    const { identity, serviceAccount } = attempt;
    const job = submissionJobName(identity);
    const unsettled =
      since === undefined ? undefined : { passedMs: Date.now() - since, job, serviceAccount, ...present({ forMs }) };
    const input: StopInput = {
      ...this.driverOf(attempt),
      ...present({ gracePeriodSeconds, unsettled }),
      ...(removal ?? { ...this.mirror.of(attempt), ...this.facts.of(attempt) }),
    };
    const lateMs = unsettledMs(attempt, this.timings);
    const deadline = removal === undefined ? {} : { scheduleToCloseTimeout: REMOVAL_DEADLINE_MS + lateMs };
    const { outcome } = await wait.stopSparkDriver.executeWithOptions(
      { summary: `stop ${input.driverPodName}`, ...this.attended(), ...deadline },
      [input],
    );
    return (
      outcome ?? {
        succeeded: false,
        reason: DriverReason.NeverCreated,
        deleted: true,
        executors: { pending: 0, running: 0, succeeded: 0, failed: 0 },
      }
    );
  }

  /** Checks a proposed manifest, and what it changes. */
  checkUpdate(proposed: SparkApplicationManifest): Promise<CheckedUpdate> {
    const { namespace, name, manifest } = this.application;
    return check.checkManifestUpdate.executeWithOptions({ summary: `check a new manifest of ${namespace}/${name}` }, [
      { current: manifest, proposed },
    ]);
  }

  /** The input that every activity about a driver has in common. */
  driverOf({ identity, cluster, submission }: AttemptRecord): StopInput {
    const { namespace, settings } = this.application;
    const { driverPodName, submissionId } = identity;
    const { lostNodeDeadlineMs } = settings;
    return {
      ...(cluster === undefined ? {} : { cluster: cluster.name }),
      namespace,
      driverPodName,
      submissionId,
      ...present({ driverPodUid: submission?.driverPodUid }),
      lostNodeDeadlineMs,
    };
  }

  /** @param stateAfter of the application once the finalizer is removed; absent after a failed submission */
  finalizeInput(attempt: AttemptRecord, driverPodUid: string, stateAfter?: ApplicationState): FinalizeInput {
    const { submissionId: _, lostNodeDeadlineMs: _deadline, ...driver } = this.driverOf(attempt);
    return {
      ...{ ...driver, driverPodUid, ...changedTimeToLive(this.application.manifest, attempt) },
      ...present({ unconfirmed: attempt.ending?.outcome.unconfirmed, submission: submissionOfJob(attempt) }),
      ...(stateAfter === undefined ? {} : this.mirror.of(attempt, stateAfter)),
      ...(stateAfter === undefined ? {} : this.facts.ofEnded(attempt, stateAfter)),
    };
  }

  get retry(): RetryPolicy {
    return retryOf(this.timings);
  }

  /**
   * How soon the loss of a worker that waits for a driver is noticed: later for one that has run for long, so that what
   * only runs costs little. The wait that began before it had is renewed then.
   */
  private attendance(
    { startedAt, runsSince }: AttemptRecord,
    until: WaitInput['until'],
  ): { readonly heartbeatTimeout: number; readonly renewAfterMs?: number } {
    const { heartbeatTimeoutMs, longRunMs, longRunSilenceMs } = this.timings;
    const isUsual = until === 'running' || startedAt === undefined || longRunSilenceMs <= heartbeatTimeoutMs;
    if (isUsual) return { heartbeatTimeout: heartbeatTimeoutMs };
    // A time of a node that cannot be read counts from now.
    const since = runsSince ?? (Date.parse(startedAt) || Date.now());
    const leftMs = since + longRunMs - Date.now();
    // The clocks of worker and API server differ: nothing is renewed for a short rest.
    if (leftMs <= longRunMs * LONG_RUN_REST) return { heartbeatTimeout: longRunSilenceMs };
    return { heartbeatTimeout: heartbeatTimeoutMs, renewAfterMs: leftMs };
  }

  /** A missed heartbeat means that the worker is lost. */
  private attended(): Pick<ActivityOptions, 'heartbeatTimeout' | 'retry'> {
    return { heartbeatTimeout: this.timings.heartbeatTimeoutMs, retry: this.retry };
  }
}

/** Undefined where no try was lost. */
function submissionOfJob({ unsettled, identity, serviceAccount }: AttemptRecord): SubmissionOfJob | undefined {
  const { submissionId } = identity;
  return unsettled && { submissionId, job: submissionJobName(identity), serviceAccount };
}

function retryOf({ retryMs, retryAtMostMs }: ApplicationTimings): RetryPolicy {
  return { initialInterval: retryMs, maximumInterval: retryAtMostMs };
}

function pendingDeadline({ pendingDeadlineMs }: RunSettings, { submission }: AttemptRecord): WaitInput['deadline'] {
  if (pendingDeadlineMs === undefined || submission === undefined) return undefined;
  const message = `The driver did not run within ${pendingDeadlineMs / 1000} s of its submission.`;
  return deadlineAt(Date.parse(submission.at) + pendingDeadlineMs, DriverReason.PendingDeadlineExceeded, message);
}

function runningDeadline(
  { runningDeadlineMs }: RunSettings,
  { startedAt, runsSince }: AttemptRecord,
): WaitInput['deadline'] {
  if (runningDeadlineMs === undefined || startedAt === undefined) return undefined;
  const message = `The driver did not end within ${runningDeadlineMs / 1000} s of its start.`;
  const since = runsSince ?? Date.parse(startedAt);
  return deadlineAt(since + runningDeadlineMs, DriverReason.RunningDeadlineExceeded, message);
}

/** Workers may have another clock than the workflow: what counts for them is how much is left. */
function deadlineAt(at: number, reason: DriverReason, message: string): WaitDeadline {
  return { at, leftMs: at - Date.now(), reason, message };
}
