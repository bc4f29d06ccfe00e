import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient, type WatchLease } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { AttemptLogs } from '../../logs/index.ts';
import { Label } from '../../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import {
  DriverReason,
  type DriverOutcome,
  type DriverProblem,
  type DriverReference,
  type ExecutorCounts,
  type FinalOutcome,
  type ReportedProgress,
  type WaitHeartbeat,
} from '../../protocol/index.ts';
import type { FollowedDriver } from '../application-metrics.ts';
import { DriverDiagnosis } from './driver-diagnosis.ts';
import { failureCause } from '../../failure-cause/index.ts';
import { readLogEnd } from './log-end.ts';
import { driverContainerName, viewDriver, type DriverView } from './driver-observation.ts';
import { ObservedStart } from './observed-start.ts';
import type { ProgressReports } from './progress-reports.ts';
import { present } from '../../validation/present.ts';
import { maskSecrets } from '../../validation/secrets.ts';

/** A driver that has not ended, and its problem, where it has one. */
export type DiagnosedDriver = Exclude<DriverView, { phase: 'ended' }> & { readonly problem?: DriverProblem };

/** What is kept of a log. */
const LOG_TAIL = { lines: 60, characters: 8192 };

/**
 * Waits for one driver over the watch cache that all waits of a namespace share. It only observes: any interruption
 * leaves the driver alone, and the next attempt of the activity continues from the heartbeat details.
 */
export class DriverWait {
  /** Since when the driver cannot start, by the API server's clock; survives attempts of the activity. */
  problemSince: number | undefined;
  /** When to check again although nothing changed, by the API server's clock. */
  lookAgainAt: number | undefined;
  /** Reads the progress of a running driver and reports it to the workflow. @default no reports */
  reports: ProgressReports | undefined;
  /** Follows the logs of a running driver. @default nothing is archived */
  logs: AttemptLogs | undefined;
  /** Counts its executors. @default they are not counted */
  followed: FollowedDriver | undefined;
  private readonly diagnosis: DriverDiagnosis;
  private readonly kubernetes: KubernetesClient;
  private readonly pods: WatchLease<Pod>;
  private readonly driver: DriverReference;
  private readonly timings: Timings;
  private readonly context = Context.current();
  private node: string | undefined;
  /** Of the driver's pod, once it is known: then it is found also where its label was taken off. */
  private uid: string | undefined;
  /** As they were when the driver was last seen alive; survives attempts of the activity. */
  private lastExecutors: ExecutorCounts | undefined;
  /** When the driver is read directly next, by the monotonic clock. */
  private confirmAt: number;
  private readonly start: ObservedStart;

  constructor(
    kubernetes: KubernetesClient,
    pods: WatchLease<Pod>,
    driver: DriverReference,
    timings: Timings = DEFAULT_TIMINGS,
  ) {
    this.kubernetes = kubernetes;
    this.pods = pods;
    this.driver = driver;
    this.timings = timings;
    this.diagnosis = new DriverDiagnosis(kubernetes, this.context.cancellationSignal, timings);
    this.confirmAt = this.nextConfirmation();
    const before = this.context.info.heartbeatDetails as WaitHeartbeat | undefined;
    this.problemSince = before?.problemSince;
    this.start = new ObservedStart(
      before?.phase === 'pending' ? Date.parse(before.observedAt) || undefined : undefined,
    );
    this.uid = driver.driverPodUid ?? before?.uid;
    this.lastExecutors = before?.executors;
  }

  /**
   * Observes the driver now, at each change and at each heartbeat, until `decide` returns something.
   *
   * @throws CancelledFailure when the activity must stop, for any reason
   * @throws KubernetesError (retryable by its type) where the API server is unreachable or rejects the request
   */
  async until<T>(decide: (driver: DiagnosedDriver) => T | undefined): Promise<T | FinalOutcome> {
    let wake = () => {};
    const signal = this.context.cancellationSignal;
    const unsubscribe = this.pods.subscribe(() => wake(), this.driver.driverPodName);
    const intervalMs = (this.context.info.heartbeatTimeoutMs ?? this.timings.heartbeatTimeoutMs) / 3;
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    try {
      await Promise.race([this.pods.ready, aborted(signal)]);
      for (;;) {
        // Armed before looking, so that a change in between is not missed.
        const changed = new Promise<void>((resolve) => (wake = resolve));
        this.lookAgainAt = undefined;
        const seen = await this.observe();
        if ('succeeded' in seen) return seen;
        const decision = decide(seen);
        if (decision !== undefined) return decision;
        this.heartbeat(seen);
        const lookMs = (this.lookAgainAt ?? Infinity) - this.now();
        // The time may have come meanwhile.
        const alarm = setTimeout(wake, Math.max(0, Math.min(intervalMs, lookMs, this.confirmAt - performance.now())));
        await changed;
        clearTimeout(alarm);
        signal.throwIfAborted();
      }
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The time of the API server, which workers with different clocks share. */
  now(): number {
    return this.kubernetes.now();
  }

  /** For how long a driver has run, in milliseconds. */
  ranForMs(driver: Extract<DiagnosedDriver, { phase: 'running' }>): number {
    const pod = this.pods.get(this.driver.driverPodName) ?? {};
    return this.now() - this.start.of(pod, driver.startedAt, this.now());
  }

  /** The driver as the API server, not a cache, has it; absent where this attempt has none. */
  async read(): Promise<Pod | undefined> {
    const { namespace, driverPodName, submissionId } = this.driver;
    const signal = this.context.cancellationSignal;
    const pod = await this.kubernetes.get(Resources.pods, namespace, driverPodName, { signal });
    const { uid, labels } = pod?.metadata ?? {};
    if (labels?.[Label.SubmissionId] === submissionId) this.uid = uid;
    else if (uid === undefined || uid !== this.uid) return undefined;
    return pod;
  }

  private async observe(): Promise<DiagnosedDriver | FinalOutcome> {
    const cached = this.pods.get(this.driver.driverPodName);
    if (cached?.metadata?.labels?.[Label.SubmissionId] === this.driver.submissionId && !this.isGivenUp(cached)) {
      const view = viewDriver(cached);
      if (view.phase !== 'ended' && performance.now() < this.confirmAt) return this.diagnosed(cached, view);
    }
    this.confirmAt = this.nextConfirmation();
    // A cache may be behind: what is decided for good is decided on a direct read.
    const pod = await this.read();
    if (pod === undefined) return this.vanished();
    const view = viewDriver(pod);
    if (view.phase === 'ended') return this.withEvidence(pod, view.outcome);
    return this.isGivenUp(pod) ? this.lost(pod) : this.diagnosed(pod, view);
  }

  /** A watch that lost an event must not be waited on for ever. Spread out over all waits. */
  private nextConfirmation(): number {
    const { confirmEveryMs = 300_000 } = this.driver;
    return performance.now() + confirmEveryMs * (0.75 + Math.random() / 2);
  }

  private async diagnosed(pod: Pod, view: Exclude<DriverView, { phase: 'ended' }>): Promise<DiagnosedDriver> {
    this.node = pod.spec?.nodeName;
    this.uid = pod.metadata!.uid;
    if (view.phase === 'pending') this.start.pending(this.now());
    const problem = await this.diagnosis.of(pod, view);
    const { askAgainAt = Infinity } = this.diagnosis;
    this.lookAgainAt = Math.min(this.lookAgainAt ?? Infinity, askAgainAt);
    return problem === undefined ? view : { ...view, problem };
  }

  /** Deleted so long ago that its node is considered lost, so that the wait does not block for ever. */
  private isGivenUp({ metadata = {} }: Pod): boolean {
    const { lostNodeDeadlineMs = 600_000 } = this.driver;
    if (metadata.deletionTimestamp === undefined) return false;
    const givenUpAt = Date.parse(metadata.deletionTimestamp) + lostNodeDeadlineMs;
    this.lookAgainAt = Math.max(givenUpAt, this.now() + 1);
    return this.now() >= givenUpAt;
  }

  private lost(pod: Pod): FinalOutcome {
    const { namespace, driverPodName } = this.driver;
    return {
      succeeded: false,
      reason: DriverReason.NodeLost,
      message: `Pod ${namespace}/${driverPodName} was deleted, but the kubelet on node ${pod.spec?.nodeName} has not confirmed termination; the exit status is unknown and the process may still be running.`,
      deleted: true,
      unconfirmed: true,
      driverPodUid: pod.metadata!.uid!,
      executors: this.executorsAtEnd(),
    };
  }

  private vanished(): FinalOutcome {
    const { namespace, driverPodName } = this.driver;
    return {
      succeeded: false,
      reason: DriverReason.DriverVanished,
      message: `Pod ${namespace}/${driverPodName} was deleted before its exit status was recorded; its finalizer was removed externally.`,
      deleted: true,
      executors: this.executorsAtEnd(),
    };
  }

  private async withEvidence(pod: Pod, outcome: DriverOutcome): Promise<FinalOutcome> {
    const log = outcome.succeeded ? undefined : await this.logEnd(pod);
    const { exitCode, reason, message } = outcome;
    const failure = outcome.succeeded ? undefined : failureCause(present({ log, exitCode, reason, message }));
    return {
      ...outcome,
      driverPodUid: pod.metadata!.uid!,
      ...present({ failure, logTail: log === undefined ? undefined : tailOf(log) }),
      executors: this.executorsAtEnd(),
    };
  }

  /** Best effort: the kubelet removes the log of a deleted pod, and a lost node cannot answer. */
  private async logEnd(pod: Pod): Promise<string | undefined> {
    const container = driverContainerName(pod);
    if (container === undefined) return undefined;
    const { namespace, driverPodName } = this.driver;
    const { logTimeoutMs: timeoutMs } = this.timings;
    try {
      const log = await readLogEnd(this.kubernetes, { namespace, pod: driverPodName, container, timeoutMs });
      return log === '' ? undefined : log;
    } catch (error) {
      this.context.log.info('Cannot read the log of the driver', { error });
      return undefined;
    }
  }

  private executors(): ExecutorCounts {
    const counts = { pending: 0, running: 0, succeeded: 0, failed: 0 };
    for (const pod of this.pods.list({ label: Label.SubmissionId, value: this.driver.submissionId })) {
      if (pod.metadata?.labels?.['spark-role'] !== 'executor') continue;
      if (pod.status?.phase === 'Running') counts.running++;
      else if (pod.status?.phase === 'Succeeded') counts.succeeded++;
      else if (pod.status?.phase === 'Failed') counts.failed++;
      else counts.pending++;
    }
    return counts;
  }

  /** A driver that ends takes its executors with it: then those count that it was last seen with. */
  private executorsAtEnd(): ExecutorCounts {
    const counts = this.executors();
    const last = this.lastExecutors;
    return last === undefined || total(counts) >= total(last) ? counts : last;
  }

  private heartbeat(seen: DiagnosedDriver): void {
    const executors = this.executors();
    this.lastExecutors = executors;
    this.followed?.observe(executors.running);
    const reported = this.reported(seen, executors);
    const details: WaitHeartbeat = {
      phase: seen.phase,
      ...seen.problem,
      driver: this.driver.driverPodName,
      ...present({ node: this.node, uid: this.uid }),
      executors,
      ...reported,
      ...present({ problemSince: this.problemSince }),
      observedAt: new Date(this.now()).toISOString(),
    };
    this.context.heartbeat(details);
    const pod = this.pods.get(this.driver.driverPodName);
    if (seen.phase === 'running' && pod !== undefined) this.logs?.follow(pod);
  }

  private reported(seen: DiagnosedDriver, executors: ExecutorCounts): ReportedProgress {
    const { driverPodName, submissionId } = this.driver;
    const pod = this.pods.get(driverPodName);
    if (seen.phase !== 'running' || seen.startedAt === undefined || pod === undefined) return {};
    return this.reports?.of(pod, this.now() - this.ranForMs(seen), { submissionId, executors }) ?? {};
  }
}

function tailOf(log: string): string {
  const end = log.slice(-2 * LOG_TAIL.characters);
  // Masked before it is cut: half a secret is not found.
  const lines = maskSecrets(end).trimEnd().split('\n').slice(-LOG_TAIL.lines);
  return `${lines.join('\n').slice(-LOG_TAIL.characters)}\n`;
}

function total({ pending, running, succeeded, failed }: ExecutorCounts): number {
  return pending + running + succeeded + failed;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
