import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { LogArchiveOptions } from '../../logs/index.ts';
import type { DriverProblem, DriverObservation, WaitInput } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { START_PROBLEMS } from './driver-observation.ts';
import { DriverWait, type DiagnosedDriver } from './driver-wait.ts';
import type { FollowedDriver } from '../application-metrics.ts';
import { withPatience } from '../failure.ts';
import { LogArchiving } from './log-archiving.ts';
import { ProgressReports } from './progress-reports.ts';
import { present } from '../../validation/present.ts';

export interface WaitContext {
  /** Where the logs of drivers are kept. @default nowhere */
  readonly archive?: LogArchiveOptions;
  /** Counts the executors of the driver. @default they are not counted */
  readonly followed?: FollowedDriver;
}

/**
 * Waits until the driver runs, has ended, has been unable to start for too long, or has a problem worth recording. It
 * never touches the driver: when the workflow is cancelled it is the workflow that has it stopped.
 */
export async function waitForSparkDriver(
  kubernetes: KubernetesClient,
  input: WaitInput,
  timings: Timings = DEFAULT_TIMINGS,
  { archive, followed }: WaitContext = {},
): Promise<DriverObservation> {
  return withPatience(async () => {
    const pods = kubernetes.watch(Resources.pods, input.namespace, Label.SubmissionId);
    const reports = new ProgressReports(kubernetes, timings);
    const wait = new DriverWait(kubernetes, pods, input, timings);
    const archiving = new LogArchiving(kubernetes, pods, wait, { archive, timings, driver: input });
    try {
      wait.reports = reports;
      wait.followed = followed;
      wait.problemSince ??= input.known?.since;
      const decision = new WaitDecision(wait, input, timings);
      const seen = await wait.until((driver) => decision.of(driver));
      return 'succeeded' in seen ? { state: 'ENDED', outcome: await archiving.finish(seen) } : seen;
    } finally {
      archiving.close();
      reports.close();
      pods.release();
    }
  }, timings);
}

/** Whether an observation of a driver that has not ended completes the wait. */
class WaitDecision {
  private readonly wait: DriverWait;
  private readonly input: WaitInput;
  private readonly timings: Timings;
  /** When the wait is given up, by the monotonic clock. */
  private readonly giveUpAt: number;
  /** When it is renewed, by the same clock. */
  private readonly renewAt: number;
  /** Since when it is, by the monotonic clock. */
  private troubled: { readonly reason: string; readonly since: number } | undefined;

  constructor(wait: DriverWait, input: WaitInput, timings: Timings) {
    this.wait = wait;
    this.input = input;
    this.timings = timings;
    this.giveUpAt = performance.now() + leftMs(input);
    this.renewAt = performance.now() + (input.renewAfterMs ?? Infinity) - passedMs();
  }

  of(driver: DiagnosedDriver): DriverObservation | undefined {
    const { until, deadline, startProblemDeadlineMs } = this.input;
    const { problem } = driver;
    if (driver.phase === 'running' && problem === undefined && (until === 'running' || this.isRenewalDue())) {
      const ranForMs = Math.round(this.wait.ranForMs(driver));
      return { state: 'RUNNING', ranForMs, ...present({ startedAt: driver.startedAt }) };
    }
    if (deadline !== undefined && this.isOver(this.giveUpAt - performance.now())) {
      const message = problem === undefined ? deadline.message : `${deadline.message} ${describe(problem)}`;
      return { state: 'GIVEN_UP', problem: { reason: deadline.reason, message } };
    }
    if (driver.phase === 'pending' && problem !== undefined && START_PROBLEMS.has(problem.reason)) {
      this.wait.problemSince ??= this.wait.now();
      if (this.isOver(this.wait.problemSince + startProblemDeadlineMs - this.wait.now()))
        return { state: 'GIVEN_UP', problem };
    } else {
      this.wait.problemSince = undefined;
    }
    return this.report(driver);
  }

  private report({ phase, problem }: DiagnosedDriver): DriverObservation | undefined {
    const { known } = this.input;
    if (problem === undefined || known === undefined || problem.reason === known?.reason) {
      this.troubled = undefined;
      return undefined;
    }
    if (this.troubled?.reason !== problem.reason) this.troubled = { reason: problem.reason, since: performance.now() };
    const { since } = this.troubled;
    if (!this.isOver(since + this.timings.problemReportMs - performance.now())) return undefined;
    const { problemSince } = this.wait;
    const reported = { ...problem, ...present({ since: problemSince }) };
    return { state: phase === 'running' ? 'UNKNOWN' : 'PENDING', problem: reported };
  }

  private isRenewalDue(): boolean {
    return this.renewAt < Infinity && this.isOver(this.renewAt - performance.now());
  }

  /** Whether no time is left; if some is, the wait looks again after it. */
  private isOver(leftMs: number): boolean {
    if (leftMs <= 0) return true;
    this.wait.lookAgainAt = Math.min(this.wait.lookAgainAt ?? Infinity, this.wait.now() + leftMs);
    return false;
  }
}

/** Until the deadline: of the time that was left when the wait was scheduled, what its previous attempts did not take. */
function leftMs({ deadline }: WaitInput): number {
  if (deadline === undefined) return Infinity;
  // Of a workflow that was scheduled by a previous version.
  if (deadline.leftMs === undefined) return deadline.at - Date.now();
  return deadline.leftMs - passedMs();
}

/** What the previous attempts of the activity took. */
function passedMs(): number {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs;
}

function describe({ reason, message }: DriverProblem): string {
  return message === undefined ? `Last seen: ${reason}.` : `Last seen: ${reason}: ${message}`;
}
