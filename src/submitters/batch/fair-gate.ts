import type { WriteRate } from './write-rate.ts';

interface Entry {
  readonly writes: number;
  readonly go: () => void;
}

/**
 * Admits work to a cluster: with limited concurrency, at the rate of the cluster, and one lane after the other, so
 * that a lane with much work does not delay the others.
 */
export class FairGate {
  private readonly maxConcurrent: number;
  private readonly rate: WriteRate;
  /** In the order of their turns. */
  private readonly lanes = new Map<string, Set<Entry>>();
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(maxConcurrent: number, rate: WriteRate) {
    this.maxConcurrent = maxConcurrent;
    this.rate = rate;
  }

  /** Runs the body when it is its turn. @throws the signal's reason where that aborts before */
  async within<T>(lane: string, writes: number, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
    await this.turn(lane, writes, signal);
    try {
      return await body();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private turn(lane: string, writes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        writes,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = () => {
        this.remove(lane, entry);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      const entries = this.lanes.get(lane);
      if (entries === undefined) this.lanes.set(lane, new Set([entry]));
      else entries.add(entry);
      this.next();
    });
  }

  private next(): void {
    while (this.running < this.maxConcurrent) {
      const [lane, entries] = this.lanes.entries().next().value ?? [];
      if (lane === undefined || entries === undefined) return;
      const [entry] = entries;
      const waitMs = this.rate.take(entry!.writes);
      if (waitMs > 0) {
        this.timer ??= setTimeout(() => {
          this.timer = undefined;
          this.next();
        }, waitMs);
        return;
      }
      this.remove(lane, entry!);
      this.toTheEnd(lane);
      this.running += 1;
      entry!.go();
    }
  }

  private remove(lane: string, entry: Entry): void {
    const entries = this.lanes.get(lane);
    entries?.delete(entry);
    if (entries?.size === 0) this.lanes.delete(lane);
  }

  private toTheEnd(lane: string): void {
    const entries = this.lanes.get(lane);
    if (entries === undefined) return;
    this.lanes.delete(lane);
    this.lanes.set(lane, entries);
  }
}
