export interface WorkQueueOptions {
  /** @returns milliseconds until the key is due again, or undefined */
  readonly work: (key: string) => Promise<number | undefined>;
  readonly concurrency: number;
  /** Milliseconds until a key whose work failed is due again; doubles with each failure in a row. */
  readonly backoff: { readonly initialMs: number; readonly maximumMs: number };
  readonly onError: (key: string, error: unknown) => void;
}

/**
 * Keys with work to do: each is worked on once at a time, and one that is added several times meanwhile is worked on
 * once more.
 */
export class WorkQueue {
  private readonly options: WorkQueueOptions;
  /** In the order in which they are due. */
  private readonly waiting = new Set<string>();
  /** By key: whether it was added again meanwhile. */
  private readonly running = new Map<string, boolean>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly failures = new Map<string, number>();
  private stopped = false;
  private idle: () => void = () => {};

  constructor(options: WorkQueueOptions) {
    this.options = options;
  }

  /** Keys that wait or are worked on; not those that are due later. */
  get size(): number {
    return this.waiting.size + this.running.size;
  }

  add(key: string): void {
    if (this.stopped) return;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    if (this.running.has(key)) this.running.set(key, true);
    else this.waiting.add(key);
    this.next();
  }

  /** Begins no more work; resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    if (this.running.size > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  private next(): void {
    for (const key of this.waiting) {
      if (this.running.size >= this.options.concurrency) return;
      this.waiting.delete(key);
      this.running.set(key, false);
      void this.work(key);
    }
  }

  private async work(key: string): Promise<void> {
    const { work, onError } = this.options;
    let dueInMs: number | undefined;
    try {
      dueInMs = await work(key);
      this.failures.delete(key);
    } catch (error) {
      dueInMs = this.backoffMs(key);
      if (!this.stopped) onError(key, error);
    }
    const isDue = this.running.get(key) === true;
    this.running.delete(key);
    if (this.stopped) {
      if (this.running.size === 0) this.idle();
      return;
    }
    if (isDue) this.add(key);
    else if (dueInMs !== undefined) this.addLater(key, dueInMs);
    this.next();
  }

  private addLater(key: string, ms: number): void {
    this.timers.set(key, setTimeout(() => this.add(key), ms).unref());
  }

  private backoffMs(key: string): number {
    const { initialMs, maximumMs } = this.options.backoff;
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    return Math.min(maximumMs, initialMs * 2 ** failures);
  }
}
