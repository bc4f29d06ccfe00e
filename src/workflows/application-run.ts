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
  TimeoutFailure,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  DriverObservation,
  FinalizeInput,
  FinalOutcome,
  SparkActivities,
  StopInput,
  SubmittedDriver,
} from '../activities/index.ts';
import { readRunSettings, type FailureClass, type RunSettings } from '../manifest/run-settings.ts';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { attemptIdentity } from '../spark/attempt.ts';
import { driverPodName } from '../spark/driver-pod-name.ts';
import { Annotation } from '../spark/metadata.ts';
import { AttemptRecord, defined, now } from './attempt-record.ts';
import { currentDetails } from './current-details.ts';
import {
  ApplicationRequest,
  ApplicationState,
  possibleRequests,
  REQUEST_REFUSED,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  type AttemptSummary,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from './definitions/index.ts';
import { AttemptEnd, restartDelayMs } from './restart-policy.ts';

const RETRY = { initialInterval: '1 second', maximumInterval: '30 seconds' } as const;

// The SDK's documentation names a default for the cancellation type that is not the one in force: say it.
const submission = proxyActivities<SparkActivities>({
  // Normally well under a second. It is also how long a worker's death goes unnoticed; what is slower is tried again,
  // which is safe at any point.
  startToCloseTimeout: '30 seconds',
  // A submission under way may create the driver at any moment: what it did has to be known before it can be undone.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
});
// A wait is as long as the application. What bounds it is the heartbeat: a lost worker is noticed by its silence.
const wait = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '30 seconds',
  // It only looks, so nothing it still does matters: a cancel goes on to stop the driver at once.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: RETRY,
});

/** What made a submission fail, no permission say, may keep its remains from being removed: that must not hold it up. */
const REMOVAL_DEADLINE = '2 minutes';

/** Attempts that are remembered one by one. */
const HISTORY_LIMIT = 20;
/** Problems of one attempt that are recorded, each at the price of another wait: a flapping node is one, too. */
const REPORT_LIMIT = 10;

/** It stays in history, and goes into messages. */
const REASON_LIMIT = 1000;

/** What a run hands to the one that continues it. */
export interface CarriedOver {
  readonly attempts: number;
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  readonly submissionFailures: number;
  readonly attemptHistory: readonly AttemptSummary[];
}

/** How one attempt ended, once nothing of it is held any more. */
type Attempt =
  | { readonly end: typeof AttemptEnd.Completed | typeof AttemptEnd.Failed }
  | { readonly end: typeof AttemptEnd.SubmissionFailed; readonly permanent: boolean; readonly cause?: Error }
  /** Stopped by a request, which says what comes next. */
  | { readonly end: 'interrupted' };

/** Submission failures that no further attempt with the same manifest can mend. */
const PERMANENT_FAILURES: ReadonlySet<string> = new Set([
  'InvalidManifest',
  'PlacementRefused',
  'SubmissionRefused',
  'SubmitterContractViolation',
  'UnknownSubmitter',
]);

/**
 * One Spark application from its manifest to its recorded end:
 *
 *     NEW ── submit ──> SUBMITTED ── driver runs ──> RUNNING ── exit 0 ──> SUCCEEDING ── finalize ──> COMPLETED
 *      │                    │                        │    ^                                               │
 *      │ refused            │ can't start,           │    │ node lost, back                               │ Always
 *      v                    │ deadline               │    v                                               v
 *     SUBMISSION_FAILED     v                        │  UNKNOWN                                          submit
 *      │                  FAILING <──────────────────┘
 *      │                    │         exit != 0, deleted, evicted, vanished, deadline
 *      │                    └── finalize ──> restart? ── after a delay: PENDING_RERUN ──> submit
 *      └────────────────────────────────────────┘ └─ no: FAILED
 *
 *     restart, a new manifest:  INVALIDATING ── stop, record, finalize ──> PENDING_RERUN ──> submit, counting anew
 *     suspend:                  SUSPENDING ── stop, record, finalize ──> SUSPENDED ── resume ──> RESUMING ──> submit
 *     kill, cancel:             FAILING ── stop, record, finalize ──> CANCELLED
 *
 * The outcome is in history, as the result of the wait or the stop, before finalize is scheduled and the driver pod let
 * go. Requests are taken at any moment and act on what runs then; a state without the request refuses it.
 */
export class ApplicationRun {
  private manifest: SparkApplicationManifest;
  private settings: RunSettings;
  private readonly namespace: string;
  private readonly name: string;
  private state: ApplicationState = ApplicationState.New;
  private attempts: number;
  private failures: CarriedOver['failures'];
  private submissionFailures: number;
  private attemptHistory: readonly AttemptSummary[];
  private current: AttemptRecord | undefined;
  private nextAttemptAt: string | undefined;
  private killed: KillRequest | undefined;
  /** Another attempt was asked for, whatever the restart policy says. */
  private rerun = false;
  /** What a request interrupts. */
  private scope: CancellationScope | undefined;

  constructor(manifest: SparkApplicationManifest, carriedOver: Partial<CarriedOver> = {}) {
    const metadata = (manifest as Partial<SparkApplicationManifest> | undefined)?.metadata;
    if (typeof metadata?.name !== 'string') {
      throw invalidManifest('The first argument must be a SparkApplication manifest as JSON, with metadata.name.');
    }
    this.manifest = manifest;
    this.settings = settingsOf(manifest);
    this.name = metadata.name;
    this.namespace = metadata.namespace ?? 'default';
    this.attempts = carriedOver.attempts ?? 0;
    this.failures = carriedOver.failures ?? {};
    this.submissionFailures = carriedOver.submissionFailures ?? 0;
    this.attemptHistory = carriedOver.attemptHistory ?? [];
  }

  /**
   * @returns the result of an application that completed
   * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async run(): Promise<SparkApplicationResult> {
    try {
      for (;;) {
        await this.whileSuspended();
        if (this.killed !== undefined) throw this.concludeKilled(this.killed);
        const attempt = await this.attempt();
        const delayMs = this.delayBeforeNext(attempt);
        if (delayMs !== undefined) {
          await this.pause(delayMs);
          continue;
        }
        // A new manifest may still be being checked: it can begin another attempt.
        await condition(allHandlersFinished);
        if (!this.rerun) return this.conclude(attempt);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return await CancellationScope.nonCancellable(() => this.cancelled());
    }
  }

  status(): SparkApplicationStatus {
    const { namespace, name, state, attempts, attemptHistory, current, nextAttemptAt } = this;
    const problem = current?.problem && {
      reason: current.problem.reason,
      ...defined({ message: current.problem.message }),
    };
    return {
      state,
      namespace,
      name,
      attempts,
      attemptHistory,
      ...current?.facts(),
      ...defined({ problem, nextAttemptAt }),
    };
  }

  currentManifest(): SparkApplicationManifest {
    return this.manifest;
  }

  /**
   * The validator of every request.
   *
   * @throws ApplicationFailure `RequestRefused`, with the state and what is possible in it
   */
  admit(request: ApplicationRequest): void {
    const possible = this.killed === undefined ? possibleRequests[this.state] : [];
    if (possible.includes(request)) return;
    const killed = this.killed === undefined ? '' : ' and being killed';
    throw refusal(
      `${this.namespace}/${this.name} is ${this.state}${killed}: ${request} makes no sense now; ` +
        (possible.length === 0 ? 'nothing can be asked of it any more.' : `possible: ${possible.join(', ')}.`),
    );
  }

  suspend(): SparkApplicationStatus {
    this.setSuspend(true);
    return this.interrupt();
  }

  resume(): SparkApplicationStatus {
    this.setSuspend(false);
    return this.status();
  }

  restart(): SparkApplicationStatus {
    this.beginAnew();
    return this.interrupt();
  }

  /** @throws ApplicationFailure `RequestRefused`, also for a grace period that is none */
  admitKill({ reason = '', gracePeriodSeconds = 0 }: KillRequest = {}): void {
    this.admit(ApplicationRequest.Kill);
    if (!Number.isSafeInteger(gracePeriodSeconds) || gracePeriodSeconds < 0) {
      throw refusal('gracePeriodSeconds has to be a whole number, 0 or more.');
    }
    if (typeof reason !== 'string' || reason.length > REASON_LIMIT) {
      throw refusal(`reason has to be text of at most ${REASON_LIMIT} characters.`);
    }
  }

  kill(request: KillRequest): SparkApplicationStatus {
    this.killed = request;
    return this.interrupt();
  }

  /** @throws ApplicationFailure `RequestRefused` for a manifest of another application */
  admitManifest(manifest: SparkApplicationManifest): void {
    this.admit(ApplicationRequest.UpdateManifest);
    const { name, namespace = 'default' } = (manifest as Partial<SparkApplicationManifest> | undefined)?.metadata ?? {};
    if (name === this.name && namespace === this.namespace) return;
    throw refusal(
      `The manifest is that of ${namespace}/${String(name)}; this is ${this.namespace}/${this.name}. Start the other as an application of its own.`,
    );
  }

  /** @throws ActivityFailure with the problems of the manifest; nothing was changed */
  async updateManifest(proposed: SparkApplicationManifest): Promise<ManifestUpdateResult> {
    const { manifest, effect } = await submission.checkManifestUpdate({ current: this.manifest, proposed });
    const running = this.state !== ApplicationState.Suspended && this.state !== ApplicationState.Suspending;
    this.manifest = manifest;
    this.settings = settingsOf(manifest);
    if (effect === 'rerun') this.beginAnew();
    if (this.isSuspended() ? running : effect === 'rerun' && running) this.interrupt();
    this.show();
    return { effect, status: this.status() };
  }

  private setSuspend(suspend: boolean): void {
    const { suspend: _before, ...spec } = this.manifest.spec;
    this.manifest = { ...this.manifest, spec: suspend ? { ...spec, suspend } : spec };
  }

  private isSuspended(): boolean {
    return this.manifest.spec.suspend === true;
  }

  private beginAnew(): void {
    this.rerun = true;
    this.failures = {};
    this.submissionFailures = 0;
  }

  private interrupt(): SparkApplicationStatus {
    this.scope?.cancel();
    if (this.current?.held === true && this.scope !== undefined) this.enter(this.stateWhileStopping());
    return this.status();
  }

  private stateWhileStopping(): ApplicationState {
    if (this.killed !== undefined) return ApplicationState.Failing;
    return this.isSuspended() ? ApplicationState.Suspending : ApplicationState.Invalidating;
  }

  /** Runs the body until a request interrupts it; undefined then. A cancel of the workflow is thrown. */
  private async interruptible<T>(body: () => Promise<T>): Promise<T | undefined> {
    const scope = new CancellationScope();
    this.scope = scope;
    try {
      return await scope.run(body);
    } catch (error) {
      if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
      return undefined;
    } finally {
      this.scope = undefined;
    }
  }

  private async whileSuspended(): Promise<void> {
    if (!this.isSuspended() || this.killed !== undefined) return;
    this.enter(ApplicationState.Suspended);
    await condition(() => !this.isSuspended() || this.killed !== undefined);
    if (this.killed === undefined) this.enter(ApplicationState.Resuming);
  }

  private async attempt(): Promise<Attempt> {
    this.rerun = false;
    const attempt = this.begin();
    const ended = await this.interruptible(async () => {
      const submitted = await this.submit(attempt);
      return 'end' in submitted ? submitted : { submitted, outcome: await this.waitForEnd(attempt) };
    });
    if (ended === undefined) return CancellationScope.nonCancellable(() => this.abandon(attempt));
    if ('end' in ended) return ended;
    const { outcome, submitted } = ended;
    // The outcome is recorded: a cancel that comes now changes nothing about it.
    await CancellationScope.nonCancellable(() =>
      this.finalize(attempt, outcome.driverPodUid ?? submitted.driverPodUid),
    );
    return this.over(attempt, outcome);
  }

  /** Stops what a request interrupted. A driver that had ended by itself meanwhile counts as ended. */
  private async abandon(attempt: AttemptRecord): Promise<Attempt> {
    this.enter(this.stateWhileStopping());
    const outcome = await this.stop(attempt, this.killed);
    attempt.ended(outcome);
    if (outcome.driverPodUid !== undefined) await this.finalize(attempt, outcome.driverPodUid);
    attempt.held = false;
    if (!outcome.deleted && this.killed === undefined) return this.over(attempt, outcome);
    if (this.killed === undefined) {
      attempt.failureClass = undefined;
      this.remember(attempt, this.isSuspended() ? ApplicationState.Suspended : ApplicationState.Invalidating);
      if (!this.isSuspended()) this.enter(ApplicationState.PendingRerun);
    }
    return { end: 'interrupted' };
  }

  private over(attempt: AttemptRecord, { succeeded }: FinalOutcome): Attempt {
    if (succeeded) this.failures = {};
    else if (attempt.failureClass !== undefined) {
      this.failures = { ...this.failures, [attempt.failureClass]: (this.failures[attempt.failureClass] ?? 0) + 1 };
    }
    this.remember(attempt, succeeded ? ApplicationState.Completed : ApplicationState.Failed);
    return { end: succeeded ? AttemptEnd.Completed : AttemptEnd.Failed };
  }

  private remember(attempt: AttemptRecord, state: AttemptSummary['state']): void {
    this.attemptHistory = [...this.attemptHistory, attempt.summary(state)].slice(-HISTORY_LIMIT);
  }

  private delayBeforeNext(attempt: Attempt): number | undefined {
    if (attempt.end === 'interrupted' || this.rerun) return 0;
    if (attempt.end === AttemptEnd.SubmissionFailed && attempt.permanent) return undefined;
    const { failures, submissionFailures } = this;
    return restartDelayMs({
      policy: this.manifest.spec.restartPolicy,
      settings: this.settings,
      end: attempt.end,
      ...defined({ failureClass: this.current?.failureClass }),
      counts: { failures, submissionFailures },
      random: Math.random(),
    });
  }

  private async pause(delayMs: number): Promise<void> {
    if (this.isSuspended() || this.killed !== undefined) return;
    this.nextAttemptAt = new Date(Date.now() + delayMs).toISOString();
    this.enter(ApplicationState.PendingRerun);
    if (delayMs > 0) {
      const summary = `before attempt ${this.attempts + 1}`;
      await this.interruptible(() => sleep(delayMs, { summary }));
    }
    this.nextAttemptAt = undefined;
    if (!workflowInfo().continueAsNewSuggested) return;
    await condition(allHandlersFinished);
    // A kill is not carried over: the loop is about to see to it.
    if (this.killed !== undefined) return;
    const { attempts, failures, submissionFailures, attemptHistory } = this;
    const carriedOver: CarriedOver = { attempts, failures, submissionFailures, attemptHistory };
    await continueAsNew(this.manifest, carriedOver);
  }

  private begin(): AttemptRecord {
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The application was cancelled.');
    const { workflowId, firstExecutionRunId, namespace } = workflowInfo();
    this.attempts += 1;
    this.current = new AttemptRecord(
      this.attempts,
      attemptIdentity({
        workflowId,
        firstRunId: firstExecutionRunId,
        attempt: this.attempts,
        temporalNamespace: namespace,
        applicationName: this.name,
        driverPodName: driverPodName(this.manifest),
        submitTime: Date.now(),
        ...defined({ timeToLiveSeconds: this.manifest.spec.timeToLiveSeconds }),
      }),
    );
    this.enter(this.state === ApplicationState.Resuming ? ApplicationState.Resuming : ApplicationState.New);
    return this.current;
  }

  private async submit(attempt: AttemptRecord): Promise<SubmittedDriver | Attempt> {
    const { submissionDeadlineMs } = this.settings;
    try {
      const driver = await submission.submitSparkApplication.executeWithOptions(
        {
          summary: `${this.namespace}/${this.name}`,
          // Not every submitter takes milliseconds: one runs a JVM. A dead worker is noticed by its silence.
          startToCloseTimeout: '5 minutes',
          heartbeatTimeout: '30 seconds',
          ...defined({ scheduleToCloseTimeout: submissionDeadlineMs }),
        },
        [{ manifest: this.manifest, identity: attempt.identity }],
      );
      this.submissionFailures = 0;
      attempt.submitted(driver);
      this.enter(ApplicationState.Submitted);
      return driver;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { reason, message, cause } = submissionFailure(error, submissionDeadlineMs);
      await this.removeHalfMade(attempt);
      attempt.submissionFailed(reason, message);
      this.submissionFailures += 1;
      this.enter(ApplicationState.SubmissionFailed);
      this.remember(attempt, ApplicationState.SubmissionFailed);
      return {
        end: AttemptEnd.SubmissionFailed,
        permanent: PERMANENT_FAILURES.has(reason),
        ...(cause === undefined ? {} : { cause }),
      };
    }
  }

  /** A submission can fail for good after it created the driver pod: nothing of it may stay. */
  private async removeHalfMade(attempt: AttemptRecord): Promise<void> {
    try {
      await CancellationScope.nonCancellable(async () => {
        const { driverPodUid } = await this.stop(attempt, {}, REMOVAL_DEADLINE);
        if (driverPodUid !== undefined) await this.finalize(attempt, driverPodUid);
      });
    } catch (error) {
      // What made the submission fail (no permission, say) may forbid this too; housekeeping releases what is left.
      log.warn('The failed submission could not be cleaned up', { error });
    }
  }

  private async waitForEnd(attempt: AttemptRecord): Promise<FinalOutcome> {
    for (let reports = 0; ; reports += 1) {
      const seen = await this.waitForDriver(attempt, reports < REPORT_LIMIT);
      switch (seen.state) {
        case 'RUNNING':
          attempt.runs(seen.startedAt);
          this.enter(ApplicationState.Running);
          break;
        case 'PENDING':
          attempt.problem = seen.problem;
          this.show();
          break;
        case 'UNKNOWN':
          attempt.problem = seen.problem;
          this.enter(ApplicationState.Unknown);
          break;
        case 'ENDED':
          return this.record(attempt, seen.outcome);
        case 'GIVEN_UP': {
          const outcome = await this.stop(attempt);
          // One that ended by itself in the meantime says better than we why.
          return this.record(attempt, outcome.deleted ? { ...outcome, ...seen.problem, succeeded: false } : outcome);
        }
        default:
          return seen satisfies never;
      }
    }
  }

  private waitForDriver(attempt: AttemptRecord, reportProblems: boolean): Promise<DriverObservation> {
    const until = this.state === ApplicationState.Running ? 'ended' : 'running';
    const { startProblemDeadlineMs } = this.settings;
    const deadline = attempt.startedAt === undefined ? this.pendingDeadline(attempt) : this.runningDeadline(attempt);
    const summary = `${attempt.identity.driverPodName} ${until === 'running' ? 'to start' : 'to end'}`;
    return wait.waitForSparkDriver.executeWithOptions({ summary }, [
      {
        ...this.driver(attempt),
        until,
        startProblemDeadlineMs,
        ...defined({ deadline }),
        ...(reportProblems ? { known: attempt.problem ?? null } : {}),
      },
    ]);
  }

  private pendingDeadline({ submittedAt }: AttemptRecord) {
    const { pendingDeadlineMs } = this.settings;
    if (pendingDeadlineMs === undefined || submittedAt === undefined) return undefined;
    const message = `The driver did not run within ${pendingDeadlineMs / 1000} s of its submission.`;
    return { at: Date.parse(submittedAt) + pendingDeadlineMs, reason: 'PendingDeadlineExceeded', message };
  }

  private runningDeadline({ startedAt }: AttemptRecord) {
    const { runningDeadlineMs } = this.settings;
    if (runningDeadlineMs === undefined || startedAt === undefined) return undefined;
    const message = `The driver did not end within ${runningDeadlineMs / 1000} s of its start.`;
    return { at: Date.parse(startedAt) + runningDeadlineMs, reason: 'RunningDeadlineExceeded', message };
  }

  private async stop(
    attempt: AttemptRecord,
    { gracePeriodSeconds }: KillRequest = {},
    deadline?: typeof REMOVAL_DEADLINE,
  ): Promise<FinalOutcome> {
    const input: StopInput = { ...this.driver(attempt), ...defined({ gracePeriodSeconds }) };
    const { outcome } = await wait.stopSparkDriver.executeWithOptions(
      { summary: input.driverPodName, ...defined({ scheduleToCloseTimeout: deadline }) },
      [input],
    );
    return (
      outcome ?? {
        succeeded: false,
        reason: 'NeverCreated',
        deleted: true,
        executors: { pending: 0, running: 0, succeeded: 0, failed: 0 },
      }
    );
  }

  private async finalize(attempt: AttemptRecord, driverPodUid: string): Promise<void> {
    const { namespace, driverPodName } = this.driver(attempt);
    await submission.finalizeSparkApplication.executeWithOptions({ summary: driverPodName }, [
      { namespace, driverPodName, driverPodUid, ...this.changedTimeToLive(attempt) },
    ]);
    attempt.held = false;
  }

  /** A manifest that is taken over in place may have changed it. */
  private changedTimeToLive({ identity }: AttemptRecord): Pick<FinalizeInput, 'timeToLiveSeconds'> {
    const { timeToLiveSeconds } = this.manifest.spec;
    const submitted = identity.annotations[Annotation.TimeToLiveSeconds];
    return timeToLiveSeconds?.toString() === submitted ? {} : { timeToLiveSeconds: timeToLiveSeconds ?? null };
  }

  /** Stops the driver, if there is one, and lets it go once its end is recorded. */
  private async cancelled(): Promise<never> {
    const attempt = this.current;
    if (attempt?.held === true) {
      const outcome = this.record(attempt, await this.stop(attempt));
      if (outcome.driverPodUid !== undefined) await this.finalize(attempt, outcome.driverPodUid);
    }
    this.rememberCancelled();
    // Temporal keeps no details of a cancelled workflow: its result goes into the memo.
    upsertMemo({ [RESULT_MEMO]: this.result(ApplicationState.Cancelled) });
    throw new CancelledFailure('The application was cancelled.');
  }

  private concludeKilled({ reason }: KillRequest): ApplicationFailure {
    this.rememberCancelled();
    return ApplicationFailure.create({
      message: `Spark application ${this.namespace}/${this.name} was killed${reason ? `: ${reason}` : '.'}`,
      type: SPARK_APPLICATION_FAILED,
      nonRetryable: true,
      details: [this.result(ApplicationState.Cancelled)],
    });
  }

  private rememberCancelled(): void {
    const { current } = this;
    if (current !== undefined && this.attemptHistory.at(-1)?.attempt !== current.number) {
      current.failureClass = undefined;
      this.remember(current, ApplicationState.Cancelled);
    }
    this.enter(ApplicationState.Cancelled);
  }

  private conclude(attempt: Attempt): SparkApplicationResult {
    const completed = attempt.end === AttemptEnd.Completed;
    this.enter(completed ? ApplicationState.Completed : ApplicationState.Failed);
    if (completed) return this.result(ApplicationState.Completed);
    throw this.failure('cause' in attempt ? attempt.cause : undefined);
  }

  private record(attempt: AttemptRecord, outcome: FinalOutcome): FinalOutcome {
    attempt.ended(outcome);
    this.enter(outcome.succeeded ? ApplicationState.Succeeding : ApplicationState.Failing);
    return outcome;
  }

  private failure(cause?: Error): ApplicationFailure {
    const { reason, message, exitCode } = this.current!.outcome!;
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
    const { namespace, name, attempts, attemptHistory, current } = this;
    return {
      state,
      namespace,
      name,
      attempts,
      ...(attempts > 1 ? { attemptHistory } : {}),
      ...(current === undefined ? { submissionId: '', sparkApplicationId: '', driverPodName: '' } : current.facts()),
      ...defined({ logTail: current?.outcome?.logTail }),
      finishedAt: current?.finishedAt ?? now(),
    };
  }

  private enter(state: ApplicationState): void {
    this.state = state;
    this.show();
  }

  private show(): void {
    setCurrentDetails(currentDetails(this.status()));
  }

  private driver({ identity }: AttemptRecord): StopInput {
    const { driverPodName, submissionId } = identity;
    const { lostNodeDeadlineMs } = this.settings;
    return { namespace: this.namespace, driverPodName, submissionId, lostNodeDeadlineMs };
  }
}

function settingsOf({ metadata }: SparkApplicationManifest): RunSettings {
  const { settings, faults } = readRunSettings(metadata.annotations);
  if (faults.length === 0) return settings;
  throw invalidManifest(
    faults
      .map(({ annotation, message, allowed }) => `metadata.annotations["${annotation}"] ${message}: ${allowed}`)
      .join('\n'),
  );
}

function submissionFailure(error: unknown, deadlineMs?: number): { reason: string; message: string; cause?: Error } {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause === undefined) return { reason: 'SubmissionFailed', message: String(error) };
  const timedOut = cause instanceof TimeoutFailure;
  // What could be tried again ends only with the deadline: the server does not wait for a try that would come too late.
  if (timedOut || (deadlineMs !== undefined && cause instanceof ApplicationFailure && !cause.nonRetryable)) {
    const last = timedOut ? cause.cause?.message : cause.message;
    const within = deadlineMs === undefined ? 'in time' : `within ${deadlineMs / 1000} s`;
    const message = `The driver was not submitted ${within}.${last === undefined ? '' : ` Last: ${last}`}`;
    return { reason: 'SubmissionDeadlineExceeded', message, cause };
  }
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  return { reason: type ?? 'SubmissionFailed', message: cause.message, cause };
}

function invalidManifest(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidManifest');
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, REQUEST_REFUSED);
}
