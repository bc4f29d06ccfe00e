/** Limits how many run at once, first come, first served. Shared by all in a process, because they share its memory. */
export class Slots {
  private running = 0;
  private readonly waiting: { readonly limit: number; readonly go: () => void }[] = [];

  /** Runs the body once fewer than `limit` run. @throws the signal's reason where that aborts before */
  async within<T>(limit: number, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
    await this.enter(limit, signal);
    try {
      return await body();
    } finally {
      this.running -= 1;
      this.admit();
    }
  }

  private async enter(limit: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const entry = {
        limit,
        go: () => {
          signal.removeEventListener('abort', leave);
          this.running += 1;
          resolve();
        },
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(signal.reason as Error);
        this.admit();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(entry);
      this.admit();
    });
  }

  private admit(): void {
    while (this.waiting[0] !== undefined && this.running < this.waiting[0].limit) this.waiting.shift()!.go();
  }
}
