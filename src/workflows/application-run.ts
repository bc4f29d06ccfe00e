import {
  ActivityCancellationType,
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { DriverObservation, FinalOutcome, SparkActivities, SubmittedDriver } from '../activities/index.ts';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { driverPodName } from '../spark/driver-pod-name.ts';
import type { SubmissionIdentity } from '../spark/submission.ts';
import { attemptIdentity } from '../spark/attempt.ts';
import { currentDetails } from './current-details.ts';
import { AttemptEnd, restartDelayMs } from './restart-policy.ts';
import {
  ApplicationState,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from './definitions/index.ts';

/** Settings of a run that are not part of the manifest. */
export interface SparkApplicationOptions {
  /**
   * Milliseconds a driver may be unable to start (its image can't be pulled, a ConfigMap is missing, …) before it is
   * stopped and the application fails.
   * @default 120000
   */
  readonly startProblemDeadlineMs?: number;
}

// The SDK's documentation names a default for the cancellation type that is not the one in force: say it.
const submission = proxyActivities<SparkActivities>({
  // Normally well under a second. It is also how long a worker's death in the middle of one goes unnoticed; a slower
  // one is tried again, which is safe at any point.
  startToCloseTimeout: '30 seconds',
  // A submission under way may create the driver at any moment: what it did has to be known before it can be undone.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});
// A wait is as long as the application. What bounds it is the heartbeat: a lost worker is noticed by its silence.
const wait = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '30 seconds',
  // It only looks, so nothing it still does matters: a cancel goes on to stop the driver at once.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** What a run hands to the one that continues it. */
export interface CarriedOver {
  readonly attempts: number;
  readonly runs: number;
  readonly submissionFailures: number;
}

/** How one attempt ended, once nothing of it is held any more. */
type Attempt =
  | { readonly end: typeof AttemptEnd.Completed | typeof AttemptEnd.Failed }
  | { readonly end: typeof AttemptEnd.SubmissionFailed; readonly permanent: boolean; readonly cause?: Error };

/** Submission failures that no further attempt with the same manifest can mend. */
const PERMANENT_FAILURES: ReadonlySet<string> = new Set([
  'InvalidManifest',
  'SubmissionRefused',
  'SubmitterContractViolation',
]);

/**
 * One Spark application from its manifest to its recorded end:
 *
 *     NEW ── submit ──> SUBMITTED ── driver runs ──> RUNNING ── exit 0 ──> SUCCEEDING ── finalize ──> COMPLETED
 *      │                    │                          │                                                  │
 *      │ refused            │ can't start              │ exit != 0, deleted, evicted, vanished            │ Always
 *      v                    v                          v                                                  v
 *     SUBMISSION_FAILED   FAILING <────────────────────┘── finalize ──> restart? ── after a delay ──> PENDING_RERUN
 *      └───────────────────────────────────────────────────────────────────┘ │ no                        │
 *     CANCELLED: a cancel, anywhere: stop, record, finalize                  v                           v
 *                                                                          FAILED                      submit
 *
 * The outcome is in history, as the result of the wait, before finalize is scheduled and the driver pod let go.
 */
export class ApplicationRun {
  private readonly manifest: SparkApplicationManifest;
  private readonly options: SparkApplicationOptions;
  private readonly namespace: string;
  private readonly name: string;
  private identity: SubmissionIdentity | undefined;
  private state: ApplicationState = ApplicationState.New;
  private attempts: number;
  private runs: number;
  private submissionFailures: number;
  private submittedAt: string | undefined;
  private startedAt: string | undefined;
  private finishedAt: string | undefined;
  private outcome: Partial<FinalOutcome> | undefined;

  constructor(
    manifest: SparkApplicationManifest,
    options: SparkApplicationOptions,
    carriedOver: CarriedOver = { attempts: 0, runs: 0, submissionFailures: 0 },
  ) {
    const metadata = (manifest as Partial<SparkApplicationManifest> | undefined)?.metadata;
    if (typeof metadata?.name !== 'string') {
      throw ApplicationFailure.nonRetryable(
        'The first argument must be a SparkApplication manifest as JSON, with metadata.name.',
        'InvalidManifest',
      );
    }
    this.manifest = manifest;
    this.options = options;
    this.name = metadata.name;
    this.namespace = metadata.namespace ?? 'default';
    ({ attempts: this.attempts, runs: this.runs, submissionFailures: this.submissionFailures } = carriedOver);
  }

  /**
   * @returns the result of an application that completed
   * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async run(): Promise<SparkApplicationResult> {
    try {
      for (;;) {
        const attempt = await this.attempt();
        const delayMs = this.delayBeforeNext(attempt);
        if (delayMs === undefined) return this.conclude(attempt);
        await this.pause(delayMs);
      }
    } catch (error) {
      if (!isCancellation(error) || this.identity === undefined) throw error;
      return await CancellationScope.nonCancellable(() => this.cancel());
    }
  }

  private async attempt(): Promise<Attempt> {
    const submitted = await this.submit();
    if ('end' in submitted) return submitted;
    const outcome = await this.waitForEnd();
    // The outcome is recorded: a cancel that comes now changes nothing about it.
    await CancellationScope.nonCancellable(() => this.finalize(outcome.driverPodUid ?? submitted.driverPodUid));
    return { end: outcome.succeeded ? AttemptEnd.Completed : AttemptEnd.Failed };
  }

  private delayBeforeNext(attempt: Attempt): number | undefined {
    if (attempt.end === AttemptEnd.SubmissionFailed && attempt.permanent) return undefined;
    const { runs, submissionFailures } = this;
    return restartDelayMs(this.manifest.spec.restartPolicy, attempt.end, { runs, submissionFailures });
  }

  private async pause(delayMs: number): Promise<void> {
    this.enter(ApplicationState.PendingRerun);
    await sleep(delayMs, { summary: `before attempt ${this.attempts + 1}` });
    const { attempts, runs, submissionFailures } = this;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew(this.manifest, this.options, { attempts, runs, submissionFailures });
    }
  }

  status(): SparkApplicationStatus {
    const { namespace, name, state, attempts, identity, outcome } = this;
    return {
      state,
      namespace,
      name,
      attempts,
      ...defined({
        submissionId: identity?.submissionId,
        sparkApplicationId: identity?.sparkApplicationId,
        driverPodName: identity?.driverPodName,
        exitCode: outcome?.exitCode,
        reason: outcome?.reason,
        message: outcome?.message,
        submittedAt: this.submittedAt,
        startedAt: this.startedAt,
        finishedAt: this.finishedAt,
      }),
    };
  }

  private async submit(): Promise<SubmittedDriver | Attempt> {
    const { workflowId, firstExecutionRunId, namespace } = workflowInfo();
    this.attempts += 1;
    this.outcome = this.submittedAt = this.startedAt = this.finishedAt = undefined;
    this.identity = attemptIdentity({
      workflowId,
      firstRunId: firstExecutionRunId,
      attempt: this.attempts,
      temporalNamespace: namespace,
      applicationName: this.name,
      driverPodName: driverPodName(this.manifest),
      submitTime: Date.now(),
    });
    this.enter(ApplicationState.New);
    try {
      const driver = await submission.submitSparkApplication.executeWithOptions(
        { summary: `${this.namespace}/${this.name}` },
        [{ manifest: this.manifest, identity: this.identity }],
      );
      this.runs += 1;
      this.submissionFailures = 0;
      this.submittedAt = now();
      this.enter(ApplicationState.Submitted);
      return driver;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const cause = error instanceof ActivityFailure ? error.cause : undefined;
      const type = cause instanceof ApplicationFailure ? cause.type : undefined;
      await this.removeHalfMade();
      this.outcome = defined({ reason: type ?? 'SubmissionFailed', message: cause?.message ?? String(error) });
      this.submissionFailures += 1;
      this.finishedAt = now();
      this.enter(ApplicationState.SubmissionFailed);
      const permanent = type != null && PERMANENT_FAILURES.has(type);
      return { end: AttemptEnd.SubmissionFailed, permanent, ...(cause === undefined ? {} : { cause }) };
    }
  }

  /** A submission can fail for good after it created the driver pod: nothing of it may stay. */
  private async removeHalfMade(): Promise<void> {
    try {
      await CancellationScope.nonCancellable(async () => {
        const { driverPodUid } = await this.stop();
        if (driverPodUid !== undefined) await this.finalize(driverPodUid);
      });
    } catch (error) {
      // What made the submission fail (no permission, say) may forbid this too; housekeeping releases what is left.
      log.warn('The failed submission could not be cleaned up', { error });
    }
  }

  private async waitForEnd(): Promise<FinalOutcome> {
    let seen = await this.waitForDriver('running');
    if (seen.state === 'RUNNING') {
      this.startedAt = seen.startedAt ?? now();
      this.enter(ApplicationState.Running);
      seen = await this.waitForDriver('ended');
    }
    switch (seen.state) {
      case 'ENDED':
        return this.record(seen.outcome);
      case 'CANNOT_START':
        return this.record({ ...(await this.stop()), ...seen.problem, succeeded: false, deleted: false });
      case 'RUNNING':
        throw ApplicationFailure.nonRetryable('The wait for the end of the driver returned while it runs.');
      default:
        return seen satisfies never;
    }
  }

  private waitForDriver(until: 'running' | 'ended'): Promise<DriverObservation> {
    const { startProblemDeadlineMs = 120_000 } = this.options;
    const summary = `${this.identity!.driverPodName} ${until === 'running' ? 'to start' : 'to end'}`;
    return wait.waitForSparkDriver.executeWithOptions({ summary }, [
      { ...this.driver(), until, startProblemDeadlineMs },
    ]);
  }

  private async stop(): Promise<FinalOutcome> {
    const { outcome } = await wait.stopSparkDriver.executeWithOptions({ summary: this.identity!.driverPodName }, [
      this.driver(),
    ]);
    return (
      outcome ?? {
        succeeded: false,
        reason: 'NeverCreated',
        deleted: true,
        executors: { pending: 0, running: 0, succeeded: 0, failed: 0 },
      }
    );
  }

  private async finalize(driverPodUid: string): Promise<void> {
    const { namespace, driverPodName } = this.driver();
    await submission.finalizeSparkApplication.executeWithOptions({ summary: driverPodName }, [
      { namespace, driverPodName, driverPodUid },
    ]);
  }

  /** Stops the driver, if there is one, and lets it go once its end is recorded. */
  private async cancel(): Promise<never> {
    const outcome = this.record(await this.stop());
    if (outcome.driverPodUid !== undefined) await this.finalize(outcome.driverPodUid);
    this.enter(ApplicationState.Cancelled);
    // Temporal keeps no details of a cancelled workflow: its result goes into the memo.
    upsertMemo({ [RESULT_MEMO]: this.result(ApplicationState.Cancelled) });
    throw new CancelledFailure('The application was cancelled.');
  }

  private conclude(attempt: Attempt): SparkApplicationResult {
    const completed = attempt.end === AttemptEnd.Completed;
    this.enter(completed ? ApplicationState.Completed : ApplicationState.Failed);
    if (completed) return this.result(ApplicationState.Completed);
    throw this.failure('cause' in attempt ? attempt.cause : undefined);
  }

  private record(outcome: FinalOutcome): FinalOutcome {
    this.outcome = outcome;
    this.startedAt = outcome.startedAt ?? this.startedAt;
    this.finishedAt = outcome.finishedAt ?? now();
    this.enter(outcome.succeeded ? ApplicationState.Succeeding : ApplicationState.Failing);
    return outcome;
  }

  private failure(cause?: Error): ApplicationFailure {
    const { reason, message, exitCode } = this.outcome!;
    const why = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason, message?.split('\n', 1)[0]];
    return ApplicationFailure.create({
      message: `Spark application ${this.namespace}/${this.name} failed: ${why.filter(Boolean).join(', ')}`,
      type: SPARK_APPLICATION_FAILED,
      nonRetryable: true,
      details: [this.result(ApplicationState.Failed)],
      ...(cause === undefined ? {} : { cause }),
    });
  }

  private result(state: SparkApplicationResult['state']): SparkApplicationResult {
    const { submissionId, sparkApplicationId, driverPodName } = this.identity!;
    return {
      state,
      namespace: this.namespace,
      name: this.name,
      attempts: this.attempts,
      submissionId,
      sparkApplicationId,
      driverPodName,
      ...defined({
        exitCode: this.outcome?.exitCode,
        reason: this.outcome?.reason,
        message: this.outcome?.message,
        logTail: this.outcome?.logTail,
        executors: this.outcome?.executors,
        submittedAt: this.submittedAt,
        startedAt: this.startedAt,
      }),
      finishedAt: this.finishedAt ?? now(),
    };
  }

  private enter(state: ApplicationState): void {
    this.state = state;
    setCurrentDetails(currentDetails(this.status()));
  }

  private driver(): { namespace: string; driverPodName: string; submissionId: string } {
    const { driverPodName, submissionId } = this.identity!;
    return { namespace: this.namespace, driverPodName, submissionId };
  }
}

/** The workflow's clock: the time of its last task, the same in every replay. */
function now(): string {
  return new Date().toISOString();
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
