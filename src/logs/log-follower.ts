import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, KubernetesErrorType, type KubernetesClient } from '../kubernetes/index.ts';
import { type ArchivePlace, ArchivedLog, Superseded } from './archived-log.ts';
import { LogBuffer } from './log-buffer.ts';
import { mergeParts } from './merge.ts';
import { ForeignText, sinceTimeOf, TimedLog } from './timed-log.ts';
import { present } from '../validation/present.ts';

/** Which container's log is followed, and where it goes. */
export interface FollowedLog extends ArchivePlace {
  readonly kubernetes: KubernetesClient;
  readonly namespace: string;
  readonly pod: string;
  /** In the pod. */
  readonly containerName: string;
}

export interface FollowOptions {
  /** From the first byte that is not archived to the part that has it. @default 5000 */
  readonly flushMs?: number;
  /** Bytes of a part before it is compressed, about. @default 65536 */
  readonly partBytes?: number;
}

/** What the archive has of a log that has ended. */
export interface FollowEnd {
  readonly isComplete: boolean;
  /** Why it is not, or what is missing. */
  readonly problem?: string;
}

/** So often a log may lack the line at which reading continues, until that line counts as rotated away. */
const LOST_PLACE_READS = 3;
const RETRY_MS = { first: 250, longest: 5_000 };
/** A kubelet answers a reader that follows only once the container writes. */
const FOLLOW_TIMEOUT_MS = 2 ** 31 - 1;
/** The kubelet has no log of a container that was removed. */
const GONE: readonly KubernetesErrorType[] = [KubernetesErrorType.NotFound, KubernetesErrorType.BadRequest];

/**
 * Follows the log of one container into an archive, until `finish` reports that the container has ended and the log
 * was read to its end. It continues where the archive ends, and retries without a limit. Memory is one part, and
 * one more while that is stored: a store that does not answer stops the reading.
 */
export class LogFollower {
  /** Resolves when it reads from the kubelet, or may. */
  readonly reading: Promise<void>;
  private readonly log: FollowedLog;
  private readonly options: Required<FollowOptions>;
  private readonly stopping = new AbortController();
  private readonly ending = new AbortController();
  private readonly done: Promise<FollowEnd>;
  private startedReading!: () => void;
  private problem: string | undefined;

  constructor(log: FollowedLog, { flushMs = 5_000, partBytes = 65_536 }: FollowOptions = {}) {
    this.log = log;
    this.options = { flushMs, partBytes };
    this.reading = new Promise((resolve) => (this.startedReading = resolve));
    this.done = this.follow().finally(() => this.startedReading());
    this.done.catch(() => undefined);
  }

  /** The container has ended: following ends once its log was read to its end. */
  end(): void {
    this.ending.abort();
  }

  /**
   * The container has ended, or is lost: resolves when the archive has its log, or at the deadline.
   *
   * @param signal aborts the wait, and following with it; it rejects with the signal's reason
   */
  async finish(deadlineMs: number, signal: AbortSignal): Promise<FollowEnd> {
    this.end();
    const over = new AbortController();
    const late = sleep(deadlineMs, undefined, { signal: AbortSignal.any([over.signal, signal]) }).then(() => ({
      isComplete: false,
      problem: this.problem ?? 'it was not read to its end in time',
    }));
    try {
      return await Promise.race([this.done, late]);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      over.abort();
      late.catch(() => undefined);
      this.stop();
    }
  }

  /** What is not archived yet is left to the next follower, which reads it from the kubelet again. */
  stop(): void {
    this.stopping.abort();
  }

  private async follow(): Promise<FollowEnd> {
    for (let failures = 0; ; failures += 1) {
      try {
        const archive = await ArchivedLog.open(this.log, this.stopping.signal);
        return archive.isComplete ? this.complete(archive) : await this.copy(archive);
      } catch (error) {
        this.stopping.signal.throwIfAborted();
        if (!(error instanceof Superseded)) this.problem = (error as Error).message;
        await this.pause(failures, this.stopping.signal);
      }
    }
  }

  private async copy(archive: ArchivedLog): Promise<FollowEnd> {
    let log = new TimedLog(archive.position);
    using buffer = new LogBuffer(archive, { ...this.options, signal: this.stopping.signal, onProblem: this.onProblem });
    // The rest may never come: a node that is lost, or a kubelet that has removed the log.
    const flush = () => void buffer.flush().catch(() => undefined);
    this.ending.signal.addEventListener('abort', flush, { once: true });
    let wasReadToEnd = false;
    let lostPlace = 0;
    for (let failures = 0; ; failures += 1) {
      const hasEnded = this.ending.signal.aborted;
      try {
        const hadNews = await this.read(log, buffer, !hasEnded);
        // An API server that loses the kubelet ends a log like one that has ended: it is read until nothing new comes.
        if (hasEnded && !hadNews && log.isPlaced) break;
        if (hasEnded && !hadNews && ++lostPlace === LOST_PLACE_READS) {
          log.hasGap = true;
          break;
        }
        wasReadToEnd = true;
        failures = 0;
      } catch (error) {
        this.stopping.signal.throwIfAborted();
        if (error instanceof Superseded) throw error;
        this.problem = (error as Error).message;
        if (!hasEnded && isRemoval(error)) {
          wasReadToEnd = true;
        } else if (hasEnded && isGone(error)) {
          if (wasReadToEnd) break;
          const problem = `the kubelet has removed it: ${this.problem}`;
          await buffer.flush();
          return { isComplete: false, problem };
        } else {
          wasReadToEnd = false;
        }
      }
      log = new TimedLog(log.position);
      if (!hasEnded) await this.pause(failures, this.ending.signal);
      else if (!wasReadToEnd || lostPlace > 0) await this.pause(failures, this.stopping.signal);
    }
    await buffer.end();
    return this.complete(archive);
  }

  /** @returns whether it brought anything that was not known */
  private async read(log: TimedLog, buffer: LogBuffer, follow: boolean): Promise<boolean> {
    const { kubernetes, namespace, pod, containerName } = this.log;
    const signal = AbortSignal.any([this.stopping.signal, buffer.failed]);
    const from = log.position;
    const since = from === undefined ? {} : { sinceTime: sinceTimeOf(from) };
    const timeout = follow ? { timeoutMs: FOLLOW_TIMEOUT_MS } : {};
    const options = { container: containerName, timestamps: true, follow, ...since, ...timeout, signal };
    let hadNews = false;
    buffer.continueWith(log);
    const chunks = kubernetes.readLog(namespace, pod, options);
    this.startedReading();
    for await (const chunk of chunks) {
      log.push(chunk, (bytes) => {
        hadNews = true;
        buffer.add(bytes);
      });
      await buffer.settle();
    }
    return hadNews;
  }

  private complete(archive: ArchivedLog): FollowEnd {
    void mergeParts(this.log);
    const problem = archive.hasGap ? 'the kubelet had rotated a part of it away before it was read' : undefined;
    return { isComplete: !archive.hasGap, ...present({ problem }) };
  }

  private readonly onProblem = (error: Error): void => {
    this.problem = error.message;
  };

  private async pause(failures: number, until: AbortSignal): Promise<void> {
    const ms = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(failures, 10));
    const signal = AbortSignal.any([until, this.stopping.signal]);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    this.stopping.signal.throwIfAborted();
  }
}

/** The end of a log that is followed: the kubelet had nothing left to read when it found the container removed. */
function isRemoval(error: unknown): boolean {
  return error instanceof ForeignText && /not ?found/i.test(error.message);
}

function isGone(error: unknown): boolean {
  return error instanceof ForeignText || GONE.some((type) => isKubernetesError(error, type));
}
