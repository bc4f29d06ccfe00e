import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityOptions,
  type RetryPolicy,
} from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import type { RunSettings } from '../../manifest/run-settings.ts';
import {
  DriverReason,
  type CheckedUpdate,
  type DriverObservation,
  type FinalizeInput,
  type FinalOutcome,
  type SparkActivities,
  type StopInput,
  type SubmitAnswer,
  type WaitInput,
} from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, type ApplicationTimings } from '../../timings/index.ts';
import { Annotation } from '../../spark/metadata.ts';
import { defined, type AttemptRecord } from './attempt-record.ts';

/** What activities are told of the application: as it is at the time, for its manifest may be exchanged. */
export interface RunningApplication {
  readonly namespace: string;
  readonly name: string;
  readonly manifest: SparkApplicationManifest;
  readonly settings: RunSettings;
  readonly timings: ApplicationTimings;
}

function retryOf({ retryMs, retryAtMostMs }: ApplicationTimings): RetryPolicy {
  return { initialInterval: retryMs, maximumInterval: retryAtMostMs };
}

// The SDK's documentation names a default for the cancellation type that is not the one in force: say it.
const submission = proxyActivities<SparkActivities>({
  // Normally well under a second. It is also how long a worker's death goes unnoticed; what is slower is tried again,
  // which is safe at any point.
  startToCloseTimeout: '30 seconds',
  // A submission under way may create the driver at any moment: what it did has to be known before it can be undone.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
// A wait is as long as the application. What bounds it is the heartbeat: a lost worker is noticed by its silence.
const wait = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 days',
  // It only looks, so nothing it still does matters: a cancel goes on to stop the driver at once.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});
// Nothing comes of it but an answer: who gives up on it does not wait.
const check = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: retryOf(DEFAULT_TIMINGS),
});

/**
 * Asks for the driver.
 *
 * @param isAdmitted the queue of its pool has let it in
 * @param askedAt when it was first asked for, in milliseconds since the epoch: its deadline counts from then
 */
export function submitApplication(
  { namespace, name, manifest, settings: { submissionDeadlineMs }, timings }: RunningApplication,
  { identity, cluster, isBound }: AttemptRecord,
  isAdmitted: boolean,
  askedAt: number,
): Promise<SubmitAnswer> {
  // One that has passed already ends it all the same, by Temporal's own timeout.
  const leftMs = submissionDeadlineMs && Math.max(1, askedAt + submissionDeadlineMs - Date.now());
  return submission.submitSparkApplication.executeWithOptions(
    {
      summary: `${namespace}/${name}${cluster === undefined ? '' : ` on ${cluster}`}`,
      // Not every submitter takes milliseconds: one runs a JVM. A dead worker is noticed by its silence.
      startToCloseTimeout: '5 minutes',
      heartbeatTimeout: timings.heartbeatTimeoutMs,
      retry: retryOf(timings),
      ...defined({ scheduleToCloseTimeout: leftMs }),
    },
    [
      {
        manifest,
        identity,
        ...(isAdmitted ? { admitted: true } : {}),
        ...defined({ cluster }),
        ...(isBound ? { isBound } : {}),
      },
    ],
  );
}

/** Waits until there is something to say of the driver: at the latest when it runs, or when it has ended. */
export function waitForDriver(
  application: RunningApplication,
  attempt: AttemptRecord,
  until: WaitInput['until'],
  reportProblems: boolean,
): Promise<DriverObservation> {
  const { settings } = application;
  const deadline =
    attempt.startedAt === undefined ? pendingDeadline(settings, attempt) : runningDeadline(settings, attempt);
  const summary = `${attempt.identity.driverPodName} ${until === 'running' ? 'to start' : 'to end'}`;
  return wait.waitForSparkDriver.executeWithOptions({ summary, ...waitOptions(application) }, [
    {
      ...driverOf(application, attempt),
      until,
      startProblemDeadlineMs: settings.startProblemDeadlineMs,
      ...defined({ deadline }),
      ...(reportProblems ? { known: attempt.problem ?? null } : {}),
    },
  ]);
}

function waitOptions({ timings }: RunningApplication): Pick<ActivityOptions, 'heartbeatTimeout' | 'retry'> {
  return { heartbeatTimeout: timings.heartbeatTimeoutMs, retry: retryOf(timings) };
}

function pendingDeadline({ pendingDeadlineMs }: RunSettings, { submittedAt }: AttemptRecord): WaitInput['deadline'] {
  if (pendingDeadlineMs === undefined || submittedAt === undefined) return undefined;
  const message = `The driver did not run within ${pendingDeadlineMs / 1000} s of its submission.`;
  return { at: Date.parse(submittedAt) + pendingDeadlineMs, reason: DriverReason.PendingDeadlineExceeded, message };
}

function runningDeadline({ runningDeadlineMs }: RunSettings, { startedAt }: AttemptRecord): WaitInput['deadline'] {
  if (runningDeadlineMs === undefined || startedAt === undefined) return undefined;
  const message = `The driver did not end within ${runningDeadlineMs / 1000} s of its start.`;
  return { at: Date.parse(startedAt) + runningDeadlineMs, reason: DriverReason.RunningDeadlineExceeded, message };
}

/** How a driver is stopped that may still run. */
export interface StopOptions {
  /** @default the pod's own */
  readonly gracePeriodSeconds?: number;
  /** Of all tries together. @default none */
  readonly deadline?: '2 minutes';
}

/** Ends the driver, if there is one. */
export async function stopDriver(
  application: RunningApplication,
  attempt: AttemptRecord,
  { gracePeriodSeconds, deadline }: StopOptions = {},
): Promise<FinalOutcome> {
  const input: StopInput = { ...driverOf(application, attempt), ...defined({ gracePeriodSeconds }) };
  const { outcome } = await wait.stopSparkDriver.executeWithOptions(
    { summary: input.driverPodName, ...waitOptions(application), ...defined({ scheduleToCloseTimeout: deadline }) },
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

/** Lets the driver go: its outcome is in history. */
export async function finalizeDriver(
  application: RunningApplication,
  attempt: AttemptRecord,
  driverPodUid: string,
): Promise<void> {
  const { submissionId: _, lostNodeDeadlineMs: _deadline, ...driver } = driverOf(application, attempt);
  const options = { summary: driver.driverPodName, retry: retryOf(application.timings) };
  await submission.finalizeSparkApplication.executeWithOptions(options, [
    { ...driver, driverPodUid, ...changedTimeToLive(application, attempt) },
  ]);
}

/** A manifest that is taken over in place may have changed it. */
function changedTimeToLive(
  { manifest }: RunningApplication,
  { identity }: AttemptRecord,
): Pick<FinalizeInput, 'timeToLiveSeconds'> {
  const { timeToLiveSeconds } = manifest.spec;
  const submitted = identity.annotations[Annotation.TimeToLiveSeconds];
  return timeToLiveSeconds?.toString() === submitted ? {} : { timeToLiveSeconds: timeToLiveSeconds ?? null };
}

/** Has a new manifest checked, and what it changes. */
export function checkUpdate(
  { namespace, name, manifest }: RunningApplication,
  proposed: SparkApplicationManifest,
): Promise<CheckedUpdate> {
  return check.checkManifestUpdate.executeWithOptions({ summary: `a new manifest of ${namespace}/${name}` }, [
    { current: manifest, proposed },
  ]);
}

function driverOf({ namespace, settings }: RunningApplication, { identity, cluster }: AttemptRecord): StopInput {
  const { driverPodName, submissionId } = identity;
  const { lostNodeDeadlineMs } = settings;
  return { ...defined({ cluster }), namespace, driverPodName, submissionId, lostNodeDeadlineMs };
}
