import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { Label } from '../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../timings/index.ts';
import type { DriverProblem } from './driver-observation.ts';
import { DriverWait, type DriverReference, type FinalOutcome, type LiveDriver } from './driver-wait.ts';
import { withPatience } from './failure.ts';
import { ProgressReports } from './progress-reports.ts';

export interface WaitInput extends DriverReference {
  /** Return already when the driver runs, or only when it has ended. */
  readonly until: 'running' | 'ended';
  /**
   * Milliseconds a driver may be unable to start for a reason that rarely heals by itself (an image that can't be
   * pulled, a missing ConfigMap) before the wait gives up.
   */
  readonly startProblemDeadlineMs: number;
  /** When to give up: milliseconds since the epoch, and what that is called. @default never */
  readonly deadline?: { readonly at: number; readonly reason: string; readonly message: string };
  /**
   * What the caller knows already: any other problem that lasts for some seconds is returned, for the caller to record
   * and to wait on. @default nothing is returned that is not the end of this wait
   */
  readonly known?: ReportedProblem | null;
}

/** A problem, and since when it keeps the driver from starting where it is one that rarely heals. */
export interface ReportedProblem extends DriverProblem {
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

export type DriverObservation =
  | { readonly state: 'RUNNING'; readonly startedAt?: string }
  /** It does not start yet, and why: wait on. */
  | { readonly state: 'PENDING'; readonly problem: ReportedProblem }
  /** It can't be seen, because its node does not answer: wait on. */
  | { readonly state: 'UNKNOWN'; readonly problem: ReportedProblem }
  | { readonly state: 'ENDED'; readonly outcome: FinalOutcome }
  /** It has to be stopped: it can't start, or a deadline has passed. */
  | { readonly state: 'GIVEN_UP'; readonly problem: DriverProblem };

const START_PROBLEMS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/**
 * Waits until the driver runs, has ended, has been unable to start for too long, or has a problem worth recording. It
 * never touches the driver: when the workflow is cancelled it is the workflow that has it stopped.
 */
export async function waitForSparkDriver(
  kubernetes: KubernetesClient,
  input: WaitInput,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<DriverObservation> {
  return withPatience(async () => {
    const pods = kubernetes.watch(Resources.pods, input.namespace, Label.SubmissionId);
    const reports = new ProgressReports(kubernetes, timings);
    try {
      const wait = new DriverWait(kubernetes, pods, input, timings);
      wait.reports = reports;
      wait.problemSince ??= input.known?.since;
      const judge = new Judge(wait, input, timings);
      const seen = await wait.until((driver) => judge.decide(driver));
      return 'succeeded' in seen ? { state: 'ENDED', outcome: seen } : seen;
    } finally {
      reports.close();
      pods.release();
    }
  }, timings);
}

/** Decides what a look at a driver that has not ended means for the wait. */
class Judge {
  private readonly wait: DriverWait;
  private readonly input: WaitInput;
  private readonly timings: Timings;
  private troubled: { readonly reason: string; readonly since: number } | undefined;

  constructor(wait: DriverWait, input: WaitInput, timings: Timings) {
    this.wait = wait;
    this.input = input;
    this.timings = timings;
  }

  decide(driver: LiveDriver): DriverObservation | undefined {
    const { until, deadline, startProblemDeadlineMs } = this.input;
    const { problem } = driver;
    const runs = driver.phase === 'running' && problem === undefined;
    if (runs && until === 'running') {
      return { state: 'RUNNING', ...(driver.startedAt === undefined ? {} : { startedAt: driver.startedAt }) };
    }
    if (deadline !== undefined && this.isPast(deadline.at)) {
      const message = problem === undefined ? deadline.message : `${deadline.message} ${describe(problem)}`;
      return { state: 'GIVEN_UP', problem: { reason: deadline.reason, message } };
    }
    if (driver.phase === 'pending' && problem !== undefined && START_PROBLEMS.has(problem.reason)) {
      this.wait.problemSince ??= Date.now();
      if (this.isPast(this.wait.problemSince + startProblemDeadlineMs)) return { state: 'GIVEN_UP', problem };
    } else {
      this.wait.problemSince = undefined;
    }
    return this.report(driver);
  }

  private report({ phase, problem }: LiveDriver): DriverObservation | undefined {
    const { known } = this.input;
    if (problem === undefined || known === undefined || problem.reason === known?.reason) {
      this.troubled = undefined;
      return undefined;
    }
    if (this.troubled?.reason !== problem.reason) this.troubled = { reason: problem.reason, since: Date.now() };
    if (!this.isPast(this.troubled.since + this.timings.problemReportMs)) return undefined;
    const { problemSince } = this.wait;
    const reported = { ...problem, ...(problemSince === undefined ? {} : { since: problemSince }) };
    return { state: phase === 'running' ? 'UNKNOWN' : 'PENDING', problem: reported };
  }

  /** Whether the time has come; if not, the wait looks again then. */
  private isPast(time: number): boolean {
    if (Date.now() >= time) return true;
    this.wait.lookAgainAt = Math.min(this.wait.lookAgainAt ?? time, time);
    return false;
  }
}

function describe({ reason, message }: DriverProblem): string {
  return message === undefined ? `Last seen: ${reason}.` : `Last seen: ${reason}: ${message}`;
}
