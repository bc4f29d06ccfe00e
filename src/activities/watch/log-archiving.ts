import { Context } from '@temporalio/activity';
import type { KubernetesClient, WatchLease } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { AttemptLogs, type LogArchiveOptions } from '../../logs/index.ts';
import { DriverReason, type DriverReference, type FinalOutcome, type WaitHeartbeat } from '../../protocol/index.ts';
import type { Timings } from '../../timings/index.ts';
import { present } from '../../validation/present.ts';
import type { DriverWait } from './driver-wait.ts';

/** A node that does not confirm the end of a driver gives no log either: what was read already is stored. */
const UNREADABLE_MS = 5_000;
/** A stop is not delayed for longer by a log that cannot be read. */
const BEGIN_MS = 1_000;

export interface LogArchivingOptions {
  /** @default nothing is archived */
  readonly archive: LogArchiveOptions | undefined;
  readonly timings: Timings;
  readonly driver: DriverReference;
}

/**
 * Archives the logs of the driver that an activity waits for. An outcome is recorded, and so the finalizer is removed,
 * once the archive has the log to its end, or a deadline has passed since the end was first seen, by whichever try of
 * the activity. No slot of the worker is taken, since the wait has none.
 */
export class LogArchiving {
  private readonly kubernetes: KubernetesClient;
  private readonly wait: DriverWait;
  private readonly driverPodName: string;
  private readonly logs: AttemptLogs | undefined;
  private readonly timings: Timings;
  private readonly context = Context.current();

  constructor(
    kubernetes: KubernetesClient,
    pods: WatchLease<Pod>,
    wait: DriverWait,
    { archive, timings, driver }: LogArchivingOptions,
  ) {
    const { logFlushMs: flushMs } = timings;
    this.kubernetes = kubernetes;
    this.logs = archive && new AttemptLogs({ ...archive, kubernetes, pods, flushMs });
    this.wait = wait;
    this.driverPodName = driver.driverPodName;
    this.timings = timings;
    wait.logs = this.logs;
  }

  /** Before a driver is deleted: its kubelet may remove the log with it. */
  async begin(pod: Pod): Promise<void> {
    this.logs?.follow(pod);
    await this.logs?.reading(BEGIN_MS);
  }

  /** @returns the outcome with what the archive has, which may take until the deadline */
  async finish(outcome: FinalOutcome): Promise<FinalOutcome> {
    const { logs, context, kubernetes } = this;
    if (logs === undefined) return outcome;
    const before = context.info.heartbeatDetails as WaitHeartbeat | undefined;
    const archivingSince = before?.archivingSince ?? kubernetes.now();
    const isReadable = outcome.reason !== DriverReason.NodeLost && outcome.driverPodUid !== undefined;
    const leftMs = archivingSince + (isReadable ? this.timings.logArchiveDeadlineMs : UNREADABLE_MS) - kubernetes.now();
    // The driver has ended; until that is recorded, it is shown as it was last.
    const details: WaitHeartbeat = {
      phase: 'running',
      driver: this.driverPodName,
      executors: outcome.executors,
      observedAt: new Date(kubernetes.now()).toISOString(),
      ...before,
      archivingSince,
    };
    const alive = () => context.heartbeat(details);
    alive();
    const timer = setInterval(alive, (context.info.heartbeatTimeoutMs ?? this.timings.heartbeatTimeoutMs) / 3);
    try {
      const pod = isReadable && !logs.isFollowing ? await this.wait.read() : undefined;
      if (pod !== undefined) logs.follow(pod);
      const logArchive = await logs.finish(Math.max(0, leftMs), context.cancellationSignal);
      return { ...outcome, ...present({ logArchive }) };
    } finally {
      clearInterval(timer);
    }
  }

  /** What is not archived is left to the next activity that waits for the driver. */
  close(): void {
    this.logs?.close();
  }
}
