import type { ApplicationFailure } from '@temporalio/workflow';
import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  log,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import {
  ApplicationState,
  type KillRequest,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import { readCarriedOver, readManifest, refuseCron, refuseRetryPolicy } from '../read-input.ts';
import { Attempt } from './attempt.ts';
import { AttemptEnd, type AttemptResult } from './attempt-end.ts';
import { ApplicationActivities } from './attempt-activities.ts';
import { clusterForNext } from './attempt-record.ts';
import { currentDetails } from './current-details.ts';
import { Intent } from './intent.ts';
import { Interruption } from './interruption.ts';
import { counted, EMPTY_LEDGER, remembered, resetCounters, type Ledger } from './ledger.ts';
import { rememberCause, rememberResult } from './memo.ts';
import { delayBeforeNext, stateAfter } from './next-step.ts';
import { Phase } from './phase.ts';
import { Admission } from './pool-place.ts';
import { Position } from './position.ts';
import { readProgressReport } from './read-report.ts';
import { Requests } from './requests.ts';
import { continueAsNewWith, ResourceMirror } from './resource-mirror.ts';
import { updateSearchAttributes } from './search-attributes.ts';
import { failed, killed, resultOf, statusOf, type Ended } from './view.ts';
import { present } from '../../validation/present.ts';

/**
 * One Spark application from its manifest to its recorded end:
 *
 *     NEW ── submit ──> SUBMITTED ── driver runs ──> RUNNING ── exit 0 ──> SUCCEEDING ── finalize ──> COMPLETED
 *      │                    │                        │    ^                                               │
 *      │ refused            │ cannot start,          │    │ node lost, back                               │ Always
 *      v                    │ deadline               │    v                                               v
 *     SUBMISSION_FAILED     v                        │  UNKNOWN                                          submit
 *      │                  FAILING <──────────────────┘
 *      │                    │         exit != 0, deleted, evicted, vanished, deadline
 *      │                    └── finalize ──> restart? ── after a delay: PENDING_RERUN ──> submit
 *      └────────────────────────────────────────┘ └─ no: FAILED
 *
 *     a full pool:              NEW ──> QUEUED ── admitted ──> submit
 *     restart, a new manifest:  INVALIDATING ── stop, record, finalize ──> PENDING_RERUN ──> submit; counters are reset
 *     suspend:                  SUSPENDING ── stop, record, finalize ──> SUSPENDED ── resume ──> RESUMING ──> submit
 *     kill, cancel:             FAILING ── stop, record, finalize ──> CANCELLED
 *
 * `intent.ts` has the requested state, `requests.ts` handles each request, `attempt.ts` is one driver from its
 * submission to its recorded end, `phase.ts` the states as a table. Here is the loop over the attempts, and the end.
 */
export class Application {
  readonly requests: Requests;
  readonly pool = new Admission(() => this.show());
  private readonly scope = CancellationScope.current();
  private readonly intent: Intent;
  private readonly activities: ApplicationActivities;
  private readonly position: Position;
  private readonly mirror: ResourceMirror;
  /** Of an attempt, or of the delay before the next one. */
  private readonly interruption = new Interruption();
  private readonly deadlines = new Interruption();
  /** Of all attempts so far; carried to the next run of the workflow. */
  private ledger: Ledger;
  private attempt: Attempt | undefined;
  private nextAttemptAt: string | undefined;

  /** @throws ApplicationFailure where the workflow was started with other arguments */
  constructor(given: unknown, givenOver?: unknown) {
    refuseCron();
    refuseRetryPolicy();
    this.intent = new Intent(readManifest(given), () => this.scope.consideredCancelled);
    this.ledger = { ...EMPTY_LEDGER, ...readCarriedOver(givenOver) };
    this.position = new Position({
      wish: () => this.intent.wish,
      show: (passing) => (passing ? this.showDetails() : this.show()),
    });
    this.mirror = new ResourceMirror(this.position, this.intent, this.ledger.mirror);
    this.activities = new ApplicationActivities(this.intent, this.mirror);
    const { intent, position, activities, interruption, deadlines, mirror } = this;
    this.requests = new Requests({
      ...{ intent, position, activities, interruption, deadlines, mirror },
      attempt: () => this.attempt,
      resetCounters: () => {
        this.ledger = resetCounters(this.ledger);
        this.mirror.resetCounts();
      },
      status: () => this.status(),
      show: () => this.show(),
    });
  }

  /**
   * @returns the result of an application that completed
   * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async run(): Promise<SparkApplicationResult> {
    this.scope.cancelRequested.catch(() => this.requests.interrupt());
    try {
      for (;;) {
        await this.whileSuspended();
        if (this.intent.kill !== undefined) throw await this.killed(this.intent.kill);
        // A cancel that came during a step that must complete.
        if (this.scope.consideredCancelled) throw new CancelledFailure('The application was cancelled.');
        if (this.attempt !== undefined && workflowInfo().continueAsNewSuggested) {
          await condition(allHandlersFinished);
          // A kill is not carried over.
          if (this.intent.kill !== undefined) continue;
          await continueAsNewWith(this.intent.manifest, this.carriedOver());
        }
        const result = await this.runAttempt();
        await this.pool.leave();
        const delayMs = this.delayBeforeNext(result) ?? (await this.delayAfterRequests(result));
        if (delayMs === undefined) return await this.conclude(result);
        await this.pause(delayMs);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return await CancellationScope.nonCancellable(() => this.cancelled());
    }
  }

  status(): SparkApplicationStatus {
    const { intent, position, pool, nextAttemptAt } = this;
    const { state } = position;
    const stopping = state === ApplicationState.Cancelled ? undefined : intent.stopping;
    return statusOf({ ...this.facts, state, nextAttemptAt, stopping, queue: pool.waiting });
  }

  get manifest(): SparkApplicationManifest {
    return this.intent.manifest;
  }

  /** From the wait for the driver; what is not a report is dropped. */
  progressed(given?: unknown): void {
    const report = readProgressReport(given);
    if (report === undefined) log.warn('Dropped a malformed signal: driverProgress');
    else if (this.attempt?.progressed(report) === true) this.show();
  }

  private async whileSuspended(): Promise<void> {
    const { intent } = this;
    // A resume may be followed by another suspend before this continues.
    while (intent.isSuspended && intent.kill === undefined) {
      this.position.enter(Phase.Parked);
      void this.mirror.write(this.attempt?.record);
      await condition(() => !intent.isSuspended || intent.kill !== undefined);
    }
  }

  private async runAttempt(): Promise<AttemptResult> {
    const { intent, position } = this;
    intent.attemptBegins();
    const attempt = this.newAttempt();
    this.attempt = attempt;
    position.pass(position.state === ApplicationState.Resuming ? Phase.Resubmitting : Phase.Submitting);
    const result = await attempt.run();
    this.count(result, attempt);
    return result;
  }

  private newAttempt(): Attempt {
    const { intent, position, activities, pool, interruption, deadlines, mirror } = this;
    const cluster = this.clusterForNext();
    const number = this.ledger.attempts + 1;
    this.ledger = { ...this.ledger, attempts: number };
    mirror.attemptBegins();
    const show = () => this.show();
    return Attempt.begin(number, cluster, {
      ...{ intent, position, activities, pool, interruption, deadlines, mirror, show },
      stateAfter: (attempt, result) => stateAfter({ intent, ledger: this.ledger, attempt }, result, position.state),
    });
  }

  private clusterForNext(): string | undefined {
    return this.attempt === undefined ? this.ledger.leftOn : clusterForNext(this.attempt.record);
  }

  private count(result: AttemptResult, attempt: Attempt): void {
    attempt.finish();
    this.ledger = counted(this.ledger, attempt.record, result);
    // A killed attempt is recorded as CANCELLED at the end.
    if (result.end !== AttemptEnd.Interrupted || this.intent.kill !== undefined) return;
    attempt.forgetFailure();
    const state = this.intent.isSuspended ? ApplicationState.Suspended : ApplicationState.Invalidating;
    this.ledger = remembered(this.ledger, attempt.record, state);
    this.position.enter(Phase.Delayed);
  }

  private delayBeforeNext(result: AttemptResult): number | undefined {
    const { intent, ledger, attempt } = this;
    return delayBeforeNext({ intent, ledger, attempt: attempt?.record }, result, Math.random());
  }

  /**
   * Requests that arrive as the attempt ends: a new manifest that is being checked can begin another attempt, and a
   * suspended application fails only once it is resumed. A completed one has nothing to suspend.
   */
  private async delayAfterRequests({ end }: AttemptResult): Promise<number | undefined> {
    const { intent } = this;
    do {
      await condition(allHandlersFinished);
      if (end !== AttemptEnd.Completed) await this.whileSuspended();
    } while (!allHandlersFinished());
    return intent.isRerun || intent.kill !== undefined ? 0 : undefined;
  }

  private async pause(delayMs: number): Promise<void> {
    if (this.intent.isSuspended || this.intent.stopping !== undefined) return;
    this.nextAttemptAt = new Date(Date.now() + delayMs).toISOString();
    this.position.enter(Phase.Delayed);
    if (delayMs > 0) {
      void this.mirror.writeDelayed(this.attempt?.record);
      const summary = `before attempt ${this.ledger.attempts + 1}`;
      await this.interruption.run(() => sleep(delayMs, { summary }));
    }
    this.nextAttemptAt = undefined;
  }

  private carriedOver(): Ledger {
    const { leftOn: _before, ...ledger } = this.ledger;
    return { ...ledger, ...this.mirror.carriedOver, ...present({ leftOn: this.clusterForNext() }) };
  }

  private async conclude(result: AttemptResult): Promise<SparkApplicationResult> {
    if (result.end === AttemptEnd.Completed) {
      this.position.enter(Phase.Completed);
      await this.mirror.write(this.attempt?.record);
      return this.result(ApplicationState.Completed);
    }
    this.position.enter(Phase.GivenUp);
    await this.mirror.write(this.attempt?.record);
    const cause = result.end === AttemptEnd.SubmissionFailed ? result.cause : undefined;
    rememberCause(this.attempt?.record.ending?.failure);
    throw failed(this.result(ApplicationState.Failed), this.attempt?.record, cause);
  }

  private async killed({ reason }: KillRequest): Promise<ApplicationFailure> {
    await condition(allHandlersFinished);
    this.rememberCancelled();
    await this.mirror.write(this.attempt?.record);
    return killed(this.result(ApplicationState.Cancelled), reason);
  }

  /** Stops the driver, if there is one, and has its finalizer removed once its end is recorded. */
  private async cancelled(): Promise<never> {
    this.nextAttemptAt = undefined;
    await this.attempt?.cancel();
    await this.pool.leave();
    await condition(allHandlersFinished);
    this.rememberCancelled();
    await this.mirror.write(this.attempt?.record);
    rememberResult(this.result(ApplicationState.Cancelled));
    throw new CancelledFailure('The application was cancelled.');
  }

  private rememberCancelled(): void {
    const { attempt } = this;
    if (attempt !== undefined && this.ledger.attemptHistory.at(-1)?.attempt !== attempt.record.number) {
      attempt.forgetFailure();
      this.ledger = remembered(this.ledger, attempt.record, ApplicationState.Cancelled);
    }
    this.position.enter(Phase.Cancelled);
  }

  private result(state: SparkApplicationResult['state']): SparkApplicationResult {
    return resultOf(this.facts, state);
  }

  private get facts(): Ended {
    const { namespace, name, kill } = this.intent;
    const { attempts, attemptHistory } = this.ledger;
    const attempt = this.attempt?.record;
    const served = this.mirror.served(attempt);
    return { namespace, name, attempts, attemptHistory, killReason: kill?.reason, attempt, served };
  }

  private show(): void {
    this.showDetails();
    const { name, namespace } = this.intent;
    updateSearchAttributes({ name, namespace, state: this.position.state });
  }

  private showDetails(): void {
    setCurrentDetails(currentDetails(this.status(), workflowInfo()));
  }
}
