import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  patched,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { attemptIdentity, driverPodName } from '../../spark/attempt.ts';
import {
  isAdmissionNeeded,
  type AdmissionNeeded,
  type ClusterUnreachable,
  type DriverProgressReport,
  type FinalOutcome,
  type SparkActivities,
  type SubmittedDriver,
} from '../../protocol/index.ts';
import { AttemptEnd, endOf, type AttemptResult, type EndWithDriver } from './attempt-end.ts';
import type { AttemptContext } from './attempt-context.ts';
import {
  ended,
  interrupted,
  newAttempt,
  started,
  submissionFailed,
  submitted,
  unsettledMs,
  withUnsettled,
  type AttemptRecord,
} from './attempt-record.ts';
import { PERMANENT_FAILURES } from './permanent-failures.ts';
import { Phase } from './phase.ts';
import { withPlan } from './plan-progress.ts';
import { submissionFailure, unsettledAfter, unsettledBy } from './submission-failure.ts';
import { present } from '../../validation/present.ts';
import { asScalar } from '../../validation/unknown-data.ts';

/** Problems of one attempt that are recorded, each at the price of another wait: a flapping node is one, too. */
const REPORT_LIMIT = 10;

/** Only `Attempt.close` may call it; the linter and the types of the other proxies ensure that. */
const { finalizeSparkApplication } = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

interface CloseOptions {
  /** Whether the state follows from the outcome, not from a request or a failed submission. @default true */
  readonly shown?: boolean;
  /** Of the driver whose finalizer is removed; undefined where there was none. @default that of the outcome */
  readonly driverPodUid?: string | undefined;
  readonly end?: EndWithDriver;
}

/** One driver, from its submission until its end is recorded and its finalizer removed. */
export class Attempt {
  private at: AttemptRecord;
  private readonly context: AttemptContext;

  private constructor(record: AttemptRecord, context: AttemptContext) {
    this.at = record;
    this.context = context;
  }

  /** @param cluster on which an earlier attempt may have left its driver */
  static begin(number: number, cluster: string | undefined, context: AttemptContext): Attempt {
    const { workflowId, firstExecutionRunId, namespace } = workflowInfo();
    const { manifest, name, settings } = context.intent;
    const identity = attemptIdentity({
      workflowId,
      firstRunId: firstExecutionRunId,
      attempt: number,
      temporalNamespace: namespace,
      applicationName: name,
      driverPodName: driverPodName(manifest),
      submitTime: Date.now(),
      ...present({ timeToLiveSeconds: asScalar(manifest.spec.timeToLiveSeconds), owner: context.mirror.owner }),
      ...present({ archivedLogs: settings.archivedLogs }),
    });
    return new Attempt(newAttempt({ number, identity, manifest }, cluster), context);
  }

  get record(): AttemptRecord {
    return this.at;
  }

  /** Runs to the end of the driver, or until a request interrupts it. A cancel of the workflow is thrown. */
  async run(): Promise<AttemptResult> {
    const result = await this.context.interruption.run(async () => (await this.submit()) ?? (await this.waitForEnd()));
    return result ?? CancellationScope.nonCancellable(() => this.abandon());
  }

  /** Stops the driver of a workflow that was cancelled, if there may be one. */
  async cancel(): Promise<void> {
    if (!this.at.needsFinalize) return;
    const { position, activities } = this.context;
    position.enter(Phase.Stopping);
    await this.close(await activities.stop(this.at), { end: AttemptEnd.Interrupted });
  }

  /** Nothing of it is left to stop. */
  finish(): void {
    this.at = { ...this.at, needsFinalize: false };
  }

  /** Its outcome does not count: a request ended it. */
  forgetFailure(): void {
    this.at = interrupted(this.at);
  }

  /** From the wait for the driver. @returns whether the report is about this driver, and not too late */
  progressed(report: DriverProgressReport): boolean {
    if (this.at.ending !== undefined || this.at.identity.submissionId !== report.submissionId) return false;
    this.at = { ...this.at, report };
    return true;
  }

  /**
   * The promise of the product, in one place: an outcome is recorded, and only then the driver's finalizer is removed.
   * It is in history by then, as the result of the activity that brought it.
   */
  private async close(
    outcome: FinalOutcome,
    { shown = true, driverPodUid = outcome.driverPodUid, end }: CloseOptions = {},
  ): Promise<void> {
    const { position, activities, stateAfter } = this.context;
    this.at = ended(this.at, outcome);
    if (shown) position.pass(outcome.succeeded ? Phase.Succeeded : Phase.Failed);
    if (driverPodUid !== undefined) {
      const input = activities.finalizeInput(this.at, driverPodUid, end && stateAfter(this.at, { end }));
      // The outcome is recorded: a cancel that comes now does not change it.
      await CancellationScope.nonCancellable(async () => {
        // A pod that is deleted, now or later, frees its name, which alone keeps a try that was lost from creating another.
        const heldMs = unsettledMs(this.at, activities.timings);
        if (heldMs > 0 && patched(outcome.deleted ? 'hold-name' : 'hold-ended'))
          await sleep(heldMs, { summary: 'until no lost submission can create another driver' });
        const options = { summary: `release ${input.driverPodName}`, retry: activities.retry };
        await finalizeSparkApplication.executeWithOptions(options, [input]);
      });
    }
  }

  /** @returns the result where no driver was created */
  private async submit(): Promise<AttemptResult | undefined> {
    const { position, intent } = this.context;
    try {
      const driver = await this.submitPlanned();
      this.at = submitted(this.at, driver);
      this.context.mirror.attemptIsSubmitted();
      position.advance(Phase.Starting);
      return undefined;
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The server does not retry an activity that is being cancelled: such a failure means nothing for the submission,
      // and the driver that it may have left is stopped and recorded like any other.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The submission was cancelled.');
      const { reason, message, cause } = submissionFailure(error, intent.settings.submissionDeadlineMs);
      const permanent = PERMANENT_FAILURES.includes(reason);
      const result = { end: AttemptEnd.SubmissionFailed, permanent, ...present({ cause }) };
      const refused = submissionFailed(this.at, { reason, message, mayLeaveDriver: true });
      const mayLeaveDriver = !(await this.removeHalfMade(refused, result));
      this.at = submissionFailed(this.at, { reason, message, mayLeaveDriver });
      position.enter(Phase.Refused);
      return result;
    }
  }

  /** Submits with as much of the plan as is in history, until the driver exists. */
  private async submitPlanned(): Promise<SubmittedDriver> {
    const { activities, deadlines, position } = this.context;
    let isAdmitted = false;
    for (let unreachable = 0; ;) {
      const askedAt = Date.now();
      const answer = await deadlines.repeat((isAgain) => {
        // The first request may have begun to create a driver on that cluster.
        if (isAgain) this.pinCluster();
        return activities.submit(this.at, { isAdmitted, askedAt, state: position.state }).catch((error: unknown) => {
          this.at = withUnsettled(this.at, unsettledBy(error), activities.timings);
          throw error;
        });
      });
      this.at = withUnsettled(this.at, unsettledAfter(answer), activities.timings);
      if ('driverPodUid' in answer) return answer;
      if ('unreachable' in answer) {
        await this.leaveCluster(answer, { isAdmitted, count: unreachable });
        isAdmitted = false;
        unreachable += 1;
      } else {
        this.at = withPlan(this.at, answer, isAdmitted);
        if (!isAdmissionNeeded(answer)) continue;
        await this.queue(answer);
        isAdmitted = true;
      }
    }
  }

  private async queue(needed: AdmissionNeeded): Promise<void> {
    const { position, activities, pool, intent } = this.context;
    const before = position.phase;
    position.advance(Phase.Queued);
    await pool.enter(this.at.identity.submissionId, intent.namespace, needed, activities.timings);
    position.advance(before);
  }

  /** @param count of the clusters that were unreachable before */
  private async leaveCluster(
    unreachable: ClusterUnreachable,
    { isAdmitted, count }: { readonly isAdmitted: boolean; readonly count: number },
  ): Promise<void> {
    const { activities, pool } = this.context;
    log.warn('The cluster is unreachable; choosing another', { ...unreachable });
    const { cluster: _left, ...rest } = this.at;
    this.at = rest;
    if (isAdmitted) await pool.leave();
    if (count === 0) return;
    const delayMs = Math.min(activities.timings.clusterRetryAtMostMs, 1000 * 2 ** count);
    await sleep(delayMs, { summary: 'before another cluster is chosen' });
  }

  private pinCluster(): void {
    const { cluster } = this.at;
    if (cluster !== undefined) this.at = { ...this.at, cluster: { ...cluster, isPinned: true } };
  }

  /** A submission can fail for good after it created the driver pod, which must be removed. @returns whether it is */
  private async removeHalfMade(refused: AttemptRecord, result: AttemptResult): Promise<boolean> {
    const { activities, stateAfter } = this.context;
    const removal = activities.facts.ofRefused(refused, stateAfter(refused, result));
    try {
      await CancellationScope.nonCancellable(async () => {
        const outcome = await activities.stop(this.at, { removal });
        await this.close(outcome, { shown: false });
      });
      return true;
    } catch (error) {
      // The cause of the failed submission, such as a missing permission, may block this too.
      log.warn('Cannot clean up after the failed submission; housekeeping releases what is left', { error });
      return false;
    }
  }

  private async waitForEnd(): Promise<AttemptResult> {
    const { position, activities, deadlines, show } = this.context;
    const { driverPodUid } = this.at.submission!;
    for (let reports = 0; ; reports += 1) {
      const seen = await deadlines.repeat(() => {
        const until = position.phase === Phase.Running ? 'ended' : 'running';
        return activities.wait(this.at, { until, reportProblems: reports < REPORT_LIMIT });
      });
      switch (seen.state) {
        case 'RUNNING':
          this.at = started(this.at, seen);
          position.advance(Phase.Running);
          break;
        case 'PENDING':
          this.at = { ...this.at, problem: seen.problem };
          show();
          break;
        case 'UNKNOWN':
          this.at = { ...this.at, problem: seen.problem };
          position.advance(Phase.Unseen);
          break;
        case 'ENDED':
          return this.over(seen.outcome, driverPodUid);
        case 'GIVEN_UP': {
          const stopped = await activities.stop(this.at);
          // A driver that ended by itself in the meantime has the more specific reason.
          if (!stopped.deleted) return this.over(stopped, driverPodUid);
          const { failure: _ofStop, ...outcome } = stopped;
          return this.over({ ...outcome, ...seen.problem, succeeded: false }, driverPodUid);
        }
        default:
          return seen satisfies never;
      }
    }
  }

  private async over(outcome: FinalOutcome, submittedPodUid: string): Promise<AttemptResult> {
    await this.close(outcome, { driverPodUid: outcome.driverPodUid ?? submittedPodUid, end: endOf(outcome) });
    return { end: endOf(outcome) };
  }

  /** Stops the driver of an interrupted attempt. One that has ended by itself counts as ended. */
  private async abandon(): Promise<AttemptResult> {
    const { position, activities, intent } = this.context;
    position.enter(Phase.Stopping);
    const gracePeriodSeconds = intent.kill?.gracePeriodSeconds;
    const outcome = await activities.stop(this.at, present({ gracePeriodSeconds }));
    const endedByItself = !outcome.deleted && intent.kill === undefined;
    const end = endedByItself ? endOf(outcome) : AttemptEnd.Interrupted;
    await this.close(outcome, { shown: endedByItself, end });
    return { end };
  }
}
