import { setTimeout as sleep } from 'node:timers/promises';
import { type Addition, type ArchivedLog, Superseded } from './archived-log.ts';
import type { TimedLog } from './timed-log.ts';
import { present } from '../validation/present.ts';

export interface LogBufferOptions {
  readonly flushMs: number;
  readonly partBytes: number;
  /** Ends what is under way, and the tries to store it. */
  readonly signal: AbortSignal;
  /** Called for each failure of the store, after which it is tried again. */
  readonly onProblem: (error: Error) => void;
}

const RETRY_MS = { first: 250, longest: 5_000 };
/** A long log has fewer parts: after so many the time to the next one has doubled. */
const PARTS_PER_DELAY = 20;
const LONGEST_FLUSH_MS = 60_000;
const FIRST_BYTES = 4_096;

/**
 * Bytes of a log on their way to the archive: a part is added when it is large enough, or when its first byte has
 * waited for long enough. Parts are stored one at a time, each for as long as that takes.
 */
export class LogBuffer implements Disposable {
  private readonly archive: ArchivedLog;
  private readonly options: LogBufferOptions;
  private readonly failure = new AbortController();
  private block = Buffer.alloc(0);
  private length = 0;
  private timer: NodeJS.Timeout | undefined;
  private storing: Promise<void> = Promise.resolve();
  private hasGap: boolean;
  private log: TimedLog | undefined;

  constructor(archive: ArchivedLog, options: LogBufferOptions) {
    this.archive = archive;
    this.options = options;
    this.hasGap = archive.hasGap;
  }

  /** Aborts when nothing more can be added, with the reason. */
  get failed(): AbortSignal {
    return this.failure.signal;
  }

  add(bytes: Buffer): void {
    const needed = this.length + bytes.length;
    if (needed > this.block.length) {
      const roomy = Math.min(2 * this.block.length, this.options.partBytes);
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, roomy, FIRST_BYTES));
      this.block.copy(grown, 0, 0, this.length);
      this.block = grown;
    }
    bytes.copy(this.block, this.length);
    this.length = needed;
  }

  /** Before bytes of this log are added: the place behind them is the place behind a part. */
  continueWith(log: TimedLog): void {
    this.hasGap ||= this.log?.hasGap === true;
    this.log = log;
  }

  /** After each `add`: stores a part that is large enough, and resolves when there is memory for the next bytes. */
  async settle(): Promise<void> {
    if (this.length === 0) return;
    if (this.length >= this.options.partBytes) await this.store(false);
    else this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), this.delayMs());
  }

  /** Stores what was added, however little that is. */
  async flush(): Promise<void> {
    await (this.length > 0 ? this.store(false) : this.storing);
  }

  /** Stores what is left, and that nothing follows. */
  async end(): Promise<void> {
    await this.store(true);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private delayMs(): number {
    const { flushMs } = this.options;
    return Math.max(flushMs, Math.min(LONGEST_FLUSH_MS, flushMs * (1 + this.archive.parts / PARTS_PER_DELAY)));
  }

  private store(isLast: boolean): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const bytes = this.block.subarray(0, this.length);
    this.block = Buffer.alloc(0);
    this.length = 0;
    const hasGap = this.hasGap || this.log?.hasGap === true;
    const addition = { bytes, isLast, hasGap, ...present({ position: this.log?.position }) };
    this.storing = this.storing.then(() => this.keepAdding(addition));
    this.storing.catch((error: unknown) => this.failure.abort(error));
    return this.storing;
  }

  /** @throws Superseded, and the reason of the signal */
  private async keepAdding(addition: Addition): Promise<void> {
    const { signal, onProblem } = this.options;
    for (let failures = 0; ; failures += 1) {
      try {
        await this.archive.add(addition, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Superseded) throw error;
        onProblem(error as Error);
        await sleep(Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(failures, 10)), undefined, { signal });
      }
    }
  }
}
