import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { readRunSettings, type RunSettings } from '../../manifest/run-settings.ts';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { receivedTimings, type ApplicationTimings } from '../../timings/index.ts';
import { attemptIdentity } from '../../spark/attempt.ts';
import { driverPodName } from '../../spark/driver-pod-name.ts';
import { Admission } from './pool-place.ts';
import {
  checkUpdate,
  finalizeDriver,
  stopDriver,
  submitApplication,
  waitForDriver,
  type RunningApplication,
} from './attempt-activities.ts';
import { AttemptRecord, defined, now } from './attempt-record.ts';
import type { CarriedOver } from './carried-over.ts';
import { currentDetails } from './current-details.ts';
import {
  ApplicationRequest,
  ApplicationState,
  possibleRequests,
  REQUEST_REFUSED,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  UpdateEffect,
  type AttemptSummary,
  type CheckedUpdate,
  type DriverProgressReport,
  type FinalOutcome,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationResult,
  type SparkApplicationStatus,
  type SubmittedDriver,
} from '../../protocol/index.ts';
import { PERMANENT_FAILURES } from './permanent-failures.ts';
import { invalidManifest, readCarriedOver, readManifest, refuseCron } from '../read-input.ts';
import { AttemptEnd, restartDelayMs } from './restart-policy.ts';
import { submissionFailure } from './submission-failure.ts';
import { updateSearchAttributes } from './search-attributes.ts';

/** What made a submission fail, no permission say, may keep its remains from being removed: that must not hold it up. */
const REMOVAL_DEADLINE = '2 minutes';

/** Attempts that are remembered one by one. */
const HISTORY_LIMIT = 20;
/** Problems of one attempt that are recorded, each at the price of another wait: a flapping node is one, too. */
const REPORT_LIMIT = 10;

/** What a submission or a wait that is under way has to be told of. */
const DEADLINES = [
  'submissionDeadlineMs',
  'pendingDeadlineMs',
  'runningDeadlineMs',
  'startProblemDeadlineMs',
  'lostNodeDeadlineMs',
] as const satisfies readonly (keyof RunSettings)[];

/** It stays in history, and goes into messages. */
const REASON_LIMIT = 1000;

/** How one attempt ended, once nothing of it is held any more. */
type Attempt =
  | { readonly end: typeof AttemptEnd.Completed | typeof AttemptEnd.Failed }
  | { readonly end: typeof AttemptEnd.SubmissionFailed; readonly permanent: boolean; readonly cause?: Error }
  /** Stopped by a request, which says what comes next. */
  | { readonly end: 'interrupted' };

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
 *     a full pool:              NEW ──> QUEUED ── let in ──> submit
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
  /** Of the worker that submitted last; until one has, the defaults. */
  private timings: ApplicationTimings = receivedTimings();
  private state: ApplicationState = ApplicationState.New;
  private attempts: number;
  private failures: CarriedOver['failures'];
  /** By an earlier run. */
  private readonly leftOn: CarriedOver['leftOn'];
  private submissionFailures: number;
  private attemptHistory: readonly AttemptSummary[];
  private current: AttemptRecord | undefined;
  private nextAttemptAt: string | undefined;
  private killed: KillRequest | undefined;
  /** Another attempt was asked for, whatever the restart policy says. */
  private rerun = false;
  /** How often it was asked to suspend or to resume. */
  private suspendRequests = 0;
  /** The new manifests that are being checked, one after the other. */
  private updates: Promise<unknown> = Promise.resolve();
  private readonly checks = new CancellationScope();
  /** The queue of the driver's pool, where that takes a limited number of applications. */
  readonly admission = new Admission(() => this.show());
  /** Of the whole workflow: cancelled where Temporal cancels it. */
  private readonly whole = CancellationScope.current();
  /** What a request interrupts. */
  private scope: CancellationScope | undefined;
  /** A submission, or a wait, that is asked for anew where its deadlines change. */
  private bounded: CancellationScope | undefined;

  /** @throws ApplicationFailure where it was started with something else */
  constructor(given: unknown, givenOver?: unknown) {
    refuseCron();
    const manifest = readManifest(given);
    const carriedOver = readCarriedOver(givenOver);
    this.manifest = manifest;
    this.settings = settingsOf(manifest);
    this.name = manifest.metadata.name!;
    this.namespace = manifest.metadata.namespace ?? 'default';
    this.attempts = carriedOver.attempts ?? 0;
    this.failures = carriedOver.failures ?? {};
    this.submissionFailures = carriedOver.submissionFailures ?? 0;
    this.attemptHistory = carriedOver.attemptHistory ?? [];
    this.leftOn = carriedOver.leftOn;
  }

  /**
   * @returns the result of an application that completed
   * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async run(): Promise<SparkApplicationResult> {
    this.whole.cancelRequested.catch(() => this.interrupt());
    try {
      for (;;) {
        await this.whileSuspended();
        if (this.killed !== undefined) throw await this.concludeKilled(this.killed);
        // A cancel that came while something had to be brought to its end.
        if (CancellationScope.current().consideredCancelled)
          throw new CancelledFailure('The application was cancelled.');
        if (this.current !== undefined && workflowInfo().continueAsNewSuggested) {
          await condition(allHandlersFinished);
          // A kill is not carried over.
          if (this.killed !== undefined) continue;
          await this.continueAsNew();
        }
        const attempt = await this.attempt();
        await this.admission.leave();
        const delayMs = this.delayBeforeNext(attempt) ?? (await this.delayAfterRequests(attempt));
        if (delayMs === undefined) return this.conclude(attempt);
        await this.pause(delayMs);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return await CancellationScope.nonCancellable(() => this.cancelled());
    }
  }

  status(): SparkApplicationStatus {
    const { namespace, name, state, attempts, attemptHistory, current, nextAttemptAt, admission } = this;
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
      ...defined({ stopping: state === ApplicationState.Cancelled ? undefined : this.stopping }),
      ...defined({ problem, progress: current?.report?.progress, queue: admission.waiting, nextAttemptAt }),
    };
  }

  currentManifest(): SparkApplicationManifest {
    return this.manifest;
  }

  /** From the wait for the driver. */
  progressed(report?: DriverProgressReport): void {
    const { current } = this;
    // Anybody can send a signal, with anything.
    if (
      report?.submissionId === undefined ||
      current?.identity.submissionId !== report.submissionId ||
      current.outcome !== undefined
    )
      return;
    current.report = report;
    this.show();
  }

  /**
   * The validator of every request.
   *
   * @throws ApplicationFailure `RequestRefused`, with the state and what is possible in it
   */
  admit(request: ApplicationRequest): void {
    const { stopping } = this;
    const possible = stopping === undefined ? possibleRequests[this.state] : [];
    if (possible.includes(request)) return;
    const being = stopping === undefined ? '' : ` and being ${stopping}`;
    throw refusal(
      `${this.namespace}/${this.name} is ${this.state}${being}: ${request} makes no sense now; ` +
        (possible.length === 0 ? 'nothing can be asked of it any more.' : `possible: ${possible.join(', ')}.`),
    );
  }

  /** From a kill, or a cancel, to the end. */
  private get stopping(): SparkApplicationStatus['stopping'] {
    if (this.killed !== undefined) return 'killed';
    return this.whole.consideredCancelled ? 'cancelled' : undefined;
  }

  suspend(): SparkApplicationStatus {
    this.suspendRequests += 1;
    this.manifest = withSuspend(this.manifest, true);
    return this.interrupt();
  }

  resume(): SparkApplicationStatus {
    this.suspendRequests += 1;
    this.manifest = withSuspend(this.manifest, false);
    this.goOn();
    return this.status();
  }

  restart(): SparkApplicationStatus {
    this.beginAnew();
    return this.interrupt();
  }

  /** @throws ApplicationFailure `RequestRefused`, also for a grace period that is none */
  admitKill(request?: KillRequest | null): void {
    this.admit(ApplicationRequest.Kill);
    const { reason = '', gracePeriodSeconds = 0 } = request ?? {};
    if (!Number.isSafeInteger(gracePeriodSeconds) || gracePeriodSeconds < 0) {
      throw refusal('gracePeriodSeconds has to be a whole number, 0 or more.');
    }
    if (typeof reason !== 'string' || reason.length > REASON_LIMIT) {
      throw refusal(`reason has to be text of at most ${REASON_LIMIT} characters.`);
    }
  }

  kill(request: KillRequest): SparkApplicationStatus {
    this.killed = request;
    this.checks.cancel();
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

  /**
   * Several are taken over in the order they came in, each compared with the one before it.
   *
   * @throws ActivityFailure with the problems of the manifest; nothing was changed
   */
  updateManifest(proposed: SparkApplicationManifest): Promise<ManifestUpdateResult> {
    const { suspendRequests } = this;
    const update = this.updates.then(() => this.takeOver(proposed, suspendRequests));
    this.updates = update.catch(() => undefined);
    return update;
  }

  private async takeOver(
    proposed: SparkApplicationManifest,
    suspendRequestsBefore: number,
  ): Promise<ManifestUpdateResult> {
    const { manifest, effect } = await this.checked(proposed);
    const running = this.state !== ApplicationState.Suspended && this.state !== ApplicationState.Suspending;
    const isOutdated = this.suspendRequests !== suspendRequestsBefore;
    this.manifest = isOutdated ? withSuspend(manifest, this.isSuspended()) : manifest;
    const before = this.settings;
    this.settings = settingsOf(manifest);
    if (effect === UpdateEffect.Rerun) this.beginAnew();
    else if (DEADLINES.some((deadline) => before[deadline] !== this.settings[deadline])) this.bounded?.cancel();
    if (!this.isSuspended()) this.goOn();
    if (this.isSuspended() ? running : effect === UpdateEffect.Rerun && running) this.interrupt();
    this.show();
    return { effect, status: this.status() };
  }

  private async checked(proposed: SparkApplicationManifest): Promise<CheckedUpdate> {
    this.admit(ApplicationRequest.UpdateManifest);
    try {
      return await this.checks.run(() => checkUpdate(this.application, proposed));
    } catch (error) {
      // It was killed, or cancelled, meanwhile.
      if (isCancellation(error)) this.admit(ApplicationRequest.UpdateManifest);
      throw error;
    }
  }

  private get application(): RunningApplication {
    const { namespace, name, manifest, settings, timings } = this;
    return { namespace, name, manifest, settings, timings };
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
    const isEnding = this.state === ApplicationState.Succeeding || this.state === ApplicationState.Failing;
    if (this.current?.held === true) {
      if (!isEnding) this.enter(this.stateWhileStopping());
    } else if (this.isSuspended() && this.stopping === undefined && !isEnding) {
      this.enter(ApplicationState.Suspended);
    }
    return this.status();
  }

  /** It is not, or no longer, to be suspended. */
  private goOn(): void {
    if (this.state === ApplicationState.Suspended) this.enter(ApplicationState.Resuming);
    else if (this.state === ApplicationState.Suspending) this.enter(ApplicationState.Invalidating);
  }

  private stateWhileStopping(): ApplicationState {
    if (this.stopping !== undefined) return ApplicationState.Failing;
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

  /** Runs the body, and again for as long as the deadlines change that it was begun with. */
  private async underDeadlines<T>(body: (isAgain: boolean) => Promise<T>): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      const scope = new CancellationScope();
      this.bounded = scope;
      try {
        return await scope.run(() => body(isAgain));
      } catch (error) {
        if (!scope.consideredCancelled || CancellationScope.current().consideredCancelled) throw error;
      } finally {
        this.bounded = undefined;
      }
    }
  }

  private async whileSuspended(): Promise<void> {
    // A resume may be followed by another suspend before this goes on.
    while (this.isSuspended() && this.killed === undefined) {
      this.enter(ApplicationState.Suspended);
      await condition(() => !this.isSuspended() || this.killed !== undefined);
    }
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
    const outcome = await stopDriver(this.application, attempt, this.killed);
    const endedByItself = !outcome.deleted && this.killed === undefined;
    if (endedByItself) this.record(attempt, outcome);
    else attempt.ended(outcome);
    if (outcome.driverPodUid !== undefined) await this.finalize(attempt, outcome.driverPodUid);
    attempt.held = false;
    if (endedByItself) return this.over(attempt, outcome);
    if (this.killed === undefined) {
      attempt.failureClass = undefined;
      this.remember(attempt, this.isSuspended() ? ApplicationState.Suspended : ApplicationState.Invalidating);
      if (!this.isSuspended() && this.stopping === undefined) this.enter(ApplicationState.PendingRerun);
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
    if (attempt.end === 'interrupted' || this.rerun || this.killed !== undefined) return 0;
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

  /**
   * What is asked of it as it ends: a new manifest that is being checked can begin another attempt, and one that is
   * suspended has failed only once it is resumed. One that completed has nothing left to be suspended.
   */
  private async delayAfterRequests({ end }: Attempt): Promise<number | undefined> {
    do {
      await condition(allHandlersFinished);
      if (end !== AttemptEnd.Completed) await this.whileSuspended();
    } while (!allHandlersFinished());
    return this.rerun || this.killed !== undefined ? 0 : undefined;
  }

  private async pause(delayMs: number): Promise<void> {
    if (this.isSuspended() || this.stopping !== undefined) return;
    this.nextAttemptAt = new Date(Date.now() + delayMs).toISOString();
    this.enter(ApplicationState.PendingRerun);
    if (delayMs > 0) {
      const summary = `before attempt ${this.attempts + 1}`;
      await this.interruptible(() => sleep(delayMs, { summary }));
    }
    this.nextAttemptAt = undefined;
  }

  private async continueAsNew(): Promise<never> {
    const { attempts, failures, submissionFailures, attemptHistory } = this;
    const carriedOver: CarriedOver = {
      ...{ attempts, failures, submissionFailures, attemptHistory },
      ...defined({ leftOn: this.current?.leftOn }),
    };
    return continueAsNew(this.manifest, carriedOver);
  }

  private begin(): AttemptRecord {
    const { workflowId, firstExecutionRunId, namespace } = workflowInfo();
    this.attempts += 1;
    const leftOn = this.current === undefined ? this.leftOn : this.current.leftOn;
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
    this.current.cluster = leftOn;
    this.current.isBound = leftOn !== undefined;
    this.pass(this.state === ApplicationState.Resuming ? ApplicationState.Resuming : ApplicationState.New);
    return this.current;
  }

  private async submit(attempt: AttemptRecord): Promise<SubmittedDriver | Attempt> {
    try {
      const driver = await this.submitAdmitted(attempt);
      this.submissionFailures = 0;
      attempt.submitted(driver);
      this.advance(ApplicationState.Submitted);
      return driver;
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The server tries nothing again that is to be cancelled: such a failure says nothing about the submission, and the
      // driver it may have left is stopped and recorded like any other.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The submission was cancelled.');
      const { reason, message, cause } = submissionFailure(error, this.settings.submissionDeadlineMs);
      await this.removeHalfMade(attempt);
      attempt.submissionFailed(reason, message);
      this.submissionFailures += 1;
      if (this.stopping === undefined) this.enter(ApplicationState.SubmissionFailed);
      this.remember(attempt, ApplicationState.SubmissionFailed);
      return {
        end: AttemptEnd.SubmissionFailed,
        permanent: PERMANENT_FAILURES.includes(reason),
        ...(cause === undefined ? {} : { cause }),
      };
    }
  }

  /**
   * Submits, after its cluster was chosen where there are several, and after it was let onto its pool where that takes a
   * limited number.
   */
  private async submitAdmitted(attempt: AttemptRecord): Promise<SubmittedDriver> {
    let isAdmitted = false;
    for (let unreachable = 0; ;) {
      const askedAt = Date.now();
      const answer = await this.underDeadlines((isAgain) => {
        // What was asked for first may have begun to create a driver on that cluster.
        if (isAgain && attempt.cluster !== undefined) attempt.isBound = true;
        return submitApplication(this.application, attempt, isAdmitted, askedAt);
      });
      this.timings = receivedTimings(answer);
      if ('cluster' in answer) {
        attempt.cluster = answer.cluster;
      } else if ('unreachable' in answer) {
        log.warn('The cluster can not be reached: another is chosen', { ...answer });
        attempt.cluster = undefined;
        if (isAdmitted) await this.admission.leave();
        isAdmitted = false;
        if (unreachable > 0) {
          const delayMs = Math.min(this.timings.clusterRetryAtMostMs, 1000 * 2 ** unreachable);
          await sleep(delayMs, { summary: 'before another cluster is chosen' });
        }
        unreachable += 1;
      } else if ('queue' in answer) {
        if (isAdmitted) throw new Error('An admitted attempt was asked to queue again.');
        const before = this.state;
        this.advance(ApplicationState.Queued);
        await this.admission.enter(attempt.identity.submissionId, this.namespace, answer, this.timings);
        this.advance(before);
        isAdmitted = true;
      } else {
        return answer;
      }
    }
  }

  /** A submission can fail for good after it created the driver pod: nothing of it may stay. */
  private async removeHalfMade(attempt: AttemptRecord): Promise<void> {
    try {
      await CancellationScope.nonCancellable(async () => {
        const { driverPodUid } = await stopDriver(this.application, attempt, { deadline: REMOVAL_DEADLINE });
        if (driverPodUid !== undefined) await this.finalize(attempt, driverPodUid);
      });
    } catch (error) {
      // What made the submission fail (no permission, say) may forbid this too; housekeeping releases what is left.
      attempt.mayRemain = true;
      log.warn('The failed submission could not be cleaned up', { error });
    }
  }

  private async finalize(attempt: AttemptRecord, driverPodUid: string): Promise<void> {
    await finalizeDriver(this.application, attempt, driverPodUid);
    attempt.held = false;
  }

  private async waitForEnd(attempt: AttemptRecord): Promise<FinalOutcome> {
    for (let reports = 0; ; reports += 1) {
      const seen = await this.underDeadlines(() => {
        const until = this.state === ApplicationState.Running ? 'ended' : 'running';
        return waitForDriver(this.application, attempt, until, reports < REPORT_LIMIT);
      });
      switch (seen.state) {
        case 'RUNNING':
          attempt.runs(seen.startedAt);
          this.advance(ApplicationState.Running);
          break;
        case 'PENDING':
          attempt.problem = seen.problem;
          this.show();
          break;
        case 'UNKNOWN':
          attempt.problem = seen.problem;
          this.advance(ApplicationState.Unknown);
          break;
        case 'ENDED':
          return this.record(attempt, seen.outcome);
        case 'GIVEN_UP': {
          const outcome = await stopDriver(this.application, attempt);
          // One that ended by itself in the meantime says better than we why.
          return this.record(attempt, outcome.deleted ? { ...outcome, ...seen.problem, succeeded: false } : outcome);
        }
        default:
          return seen satisfies never;
      }
    }
  }

  /** Stops the driver, if there is one, and lets it go once its end is recorded. */
  private async cancelled(): Promise<never> {
    const attempt = this.current;
    this.nextAttemptAt = undefined;
    if (attempt?.held === true) {
      this.enter(ApplicationState.Failing);
      const outcome = this.record(attempt, await stopDriver(this.application, attempt));
      if (outcome.driverPodUid !== undefined) await this.finalize(attempt, outcome.driverPodUid);
    }
    await this.admission.leave();
    await condition(allHandlersFinished);
    this.rememberCancelled();
    // Temporal keeps no details of a cancelled workflow: its result goes into the memo.
    upsertMemo({ [RESULT_MEMO]: this.result(ApplicationState.Cancelled) });
    throw new CancelledFailure('The application was cancelled.');
  }

  private async concludeKilled({ reason }: KillRequest): Promise<ApplicationFailure> {
    await condition(allHandlersFinished);
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
    const isSuccess = outcome.succeeded && this.stopping === undefined;
    this.pass(isSuccess ? ApplicationState.Succeeding : ApplicationState.Failing);
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
    this.goTo(state);
    this.show();
  }

  /** Enters a state of an attempt that goes on. Where a request interrupts it, that says where it goes. */
  private advance(state: ApplicationState): void {
    if (!CancellationScope.current().consideredCancelled) this.enter(state);
  }

  /** Enters a state that passes at once: not worth an event and a write to Temporal's visibility. */
  private pass(state: ApplicationState): void {
    this.goTo(state);
    this.showDetails();
  }

  private goTo(state: ApplicationState): void {
    if (state !== this.state) log.debug('The application changes its state', { from: this.state, to: state });
    this.state = state;
  }

  private show(): void {
    this.showDetails();
    const { name, namespace, state } = this;
    updateSearchAttributes({ name, namespace, state });
  }

  private showDetails(): void {
    setCurrentDetails(currentDetails(this.status(), workflowInfo().parent?.workflowId));
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

function withSuspend(manifest: SparkApplicationManifest, suspend: boolean): SparkApplicationManifest {
  const { suspend: _before, ...spec } = manifest.spec;
  return { ...manifest, spec: suspend ? { ...spec, suspend } : spec };
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, REQUEST_REFUSED);
}
