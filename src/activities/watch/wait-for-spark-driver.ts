import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { LogArchiveOptions } from '../../logs/index.ts';
import type { DriverProblem, DriverObservation, WaitInput } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { DriverWait, type DiagnosedDriver } from './driver-wait.ts';
import { withPatience } from '../failure.ts';
import { LogArchiving } from './log-archiving.ts';
import { ProgressReports } from './progress-reports.ts';
import { present } from '../../validation/present.ts';

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
  archive?: LogArchiveOptions,
): Promise<DriverObservation> {
  return withPatience(async () => {
    const pods = kubernetes.watch(Resources.pods, input.namespace, Label.SubmissionId);
    const reports = new ProgressReports(kubernetes, timings);
    const wait = new DriverWait(kubernetes, pods, input, timings);
    const archiving = new LogArchiving(kubernetes, pods, wait, { archive, timings, driver: input });
    try {
      wait.reports = reports;
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
  private troubled: { readonly reason: string; readonly since: number } | undefined;

  constructor(wait: DriverWait, input: WaitInput, timings: Timings) {
    this.wait = wait;
    this.input = input;
    this.timings = timings;
  }

  of(driver: DiagnosedDriver): DriverObservation | undefined {
    const { until, deadline, startProblemDeadlineMs } = this.input;
    const { problem } = driver;
    const runs = driver.phase === 'running' && problem === undefined;
    if (runs && until === 'running') {
      return { state: 'RUNNING', ...present({ startedAt: driver.startedAt }) };
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

  private report({ phase, problem }: DiagnosedDriver): DriverObservation | undefined {
    const { known } = this.input;
    if (problem === undefined || known === undefined || problem.reason === known?.reason) {
      this.troubled = undefined;
      return undefined;
    }
    if (this.troubled?.reason !== problem.reason) this.troubled = { reason: problem.reason, since: Date.now() };
    if (!this.isPast(this.troubled.since + this.timings.problemReportMs)) return undefined;
    const { problemSince } = this.wait;
    const reported = { ...problem, ...present({ since: problemSince }) };
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
