import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient, WatchLease } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { ArchivedLogs } from '../manifest/run-settings.ts';
import type { LogArchiveSummary } from '../protocol/index.ts';
import { Annotation, Label } from '../spark/metadata.ts';
import type { ArchiveStore } from './archive-store.ts';
import { containerOf, hasStarted, isRunning } from './container.ts';
import { folderOf, type LoggedContainer } from './layout.ts';
import { LogFollower, type FollowOptions } from './log-follower.ts';
import { present } from '../validation/present.ts';

/** Where the logs of applications are archived, and which. */
export interface LogArchiveOptions {
  readonly store: ArchiveStore;
  /** Where an application does not specify it. @default "driver" */
  readonly archived?: ArchivedLogs;
}

export interface AttemptLogsOptions extends LogArchiveOptions, FollowOptions {
  readonly kubernetes: KubernetesClient;
  /** Of the application's namespace, by submission ID. */
  readonly pods: WatchLease<Pod>;
}

interface FollowedExecutor {
  readonly id: string;
  readonly follower: LogFollower;
}

const EXECUTOR_POLL_MS = 1_000;

/**
 * The logs of one attempt, followed into the archive for as long as its driver is watched. Nothing of it fails: what
 * the archive does not have, `finish` reports.
 */
export class AttemptLogs {
  private readonly options: AttemptLogsOptions;
  private driver: LogFollower | undefined;
  private folder: string | undefined;
  private problem: string | undefined;
  /** By the names of their pods. */
  private readonly executors = new Map<string, FollowedExecutor>();
  private unsubscribe = (): void => {};

  constructor(options: AttemptLogsOptions) {
    this.options = options;
  }

  get isFollowing(): boolean {
    return this.driver !== undefined || this.problem !== undefined;
  }

  /** Follows the log of a driver that has started, once. */
  follow(pod: Pod): void {
    const archived = archivedOf(pod) ?? this.options.archived ?? ArchivedLogs.Driver;
    if (this.isFollowing || archived === ArchivedLogs.None || !hasStarted(pod)) return;
    try {
      this.folder = folderOf(attemptOf(pod));
    } catch (error) {
      this.problem = (error as Error).message;
      return;
    }
    this.driver = this.follower(pod, 'driver');
    if (archived === ArchivedLogs.All) this.followExecutors(pod.metadata!.labels![Label.SubmissionId]!);
  }

  /** Resolves when the driver's log is being read, as far as that can be known, or after that time. */
  async reading(atMostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, atMostMs)));
    await Promise.race([this.driver?.reading, late]);
    clearTimeout(timer);
  }

  /**
   * The driver has ended, or is lost: resolves when the archive has its log and those of its executors, or at the
   * deadline; to undefined where nothing is archived.
   *
   * @throws the signal's reason
   */
  async finish(deadlineMs: number, signal: AbortSignal): Promise<LogArchiveSummary | undefined> {
    const { folder, problem } = this;
    const { url } = this.options.store;
    if (problem !== undefined) return { location: url, complete: false, problem };
    if (this.driver === undefined || folder === undefined) return undefined;
    this.unsubscribe();
    const deadline = Date.now() + deadlineMs;
    const driver = async (follower: LogFollower) => ({
      whose: 'the driver',
      end: await follower.finish(deadlineMs, signal),
    });
    const executors = [...this.executors].map(async ([pod, { id, follower }]) => {
      await this.executorEnds(pod, deadline, signal);
      return { whose: `executor ${id}`, end: await follower.finish(Math.max(0, deadline - Date.now()), signal) };
    });
    const logs = await Promise.all([driver(this.driver), ...executors]);
    const problems = logs.flatMap(({ whose, end }) => (end.isComplete ? [] : `log of ${whose}: ${end.problem}`));
    const first = problems.length > 1 ? `${problems[0]} (and ${problems.length - 1} more)` : problems[0];
    return { location: `${url}/${folder}`, complete: problems.length === 0, ...present({ problem: first }) };
  }

  close(): void {
    this.unsubscribe();
    this.driver?.stop();
    for (const { follower } of this.executors.values()) follower.stop();
  }

  /** Executors end with their driver, or some seconds later. */
  private async executorEnds(name: string, deadline: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const pod = this.options.pods.get(name);
      if (pod === undefined || !isRunning(pod) || Date.now() + EXECUTOR_POLL_MS > deadline) return;
      await sleep(EXECUTOR_POLL_MS, undefined, { signal });
    }
  }

  private followExecutors(submissionId: string): void {
    const { pods } = this.options;
    const seen = (name: string, pod: Pod | undefined): void => {
      const executor = pod === undefined ? undefined : executorOf(pod, submissionId);
      if (executor !== undefined && !this.executors.has(name) && hasStarted(pod!)) {
        this.executors.set(name, { id: executor, follower: this.follower(pod!, { executor }) });
      }
      // Many executors may come and go with one driver: the logs of those that ended are not requested again.
      if (pod === undefined || !isRunning(pod)) this.executors.get(name)?.follower.end();
    };
    this.unsubscribe = pods.subscribe(seen);
    for (const pod of pods.list({ label: Label.SubmissionId, value: submissionId })) seen(pod.metadata!.name!, pod);
  }

  private follower(pod: Pod, container: LoggedContainer): LogFollower {
    const { kubernetes, store, flushMs, partBytes } = this.options;
    const log = {
      ...{ kubernetes, store, container, folder: this.folder! },
      namespace: pod.metadata!.namespace!,
      pod: pod.metadata!.name!,
      containerName: containerOf(pod),
    };
    return new LogFollower(log, present({ flushMs, partBytes }));
  }
}

/** ID of an executor of that attempt; undefined for another pod. */
function executorOf({ metadata }: Pod, submissionId: string): string | undefined {
  const { labels = {} } = metadata ?? {};
  const isOurs = labels[Label.SubmissionId] === submissionId && labels['spark-role'] === 'executor';
  const id = labels['spark-exec-id'] ?? '';
  return isOurs && /^\d+$/.test(id) ? id : undefined;
}

function archivedOf({ metadata }: Pod): ArchivedLogs | undefined {
  const given = metadata?.annotations?.[Annotation.LogArchive];
  return Object.values(ArchivedLogs).find((kind) => kind === given);
}

function attemptOf({ metadata = {} }: Pod): Parameters<typeof folderOf>[0] {
  const { annotations = {}, labels = {}, namespace = '' } = metadata;
  return {
    namespace,
    name: labels[Label.AppName] ?? '',
    run: annotations[Annotation.FirstRunId] ?? '',
    attempt: Number(annotations[Annotation.Attempt]),
  };
}
