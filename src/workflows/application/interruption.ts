import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** Something that a request may interrupt: one body at a time. */
export class Interruption {
  private scope: CancellationScope | undefined;

  /** Interrupts the running body, if any. */
  interrupt(): void {
    this.scope?.cancel();
  }

  /** Runs the body; undefined where it was interrupted. A cancel of what is around it is thrown. */
  async run<T>(body: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.within(body);
    } catch (error) {
      if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
      return undefined;
    }
  }

  /** Runs the body, and again whenever it was interrupted. A cancel of what is around it is thrown. */
  async repeat<T>(body: (isAgain: boolean) => Promise<T>): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      const scope = new CancellationScope();
      try {
        return await this.within(() => body(isAgain), scope);
      } catch (error) {
        if (!scope.consideredCancelled || CancellationScope.current().consideredCancelled) throw error;
      }
    }
  }

  private async within<T>(body: () => Promise<T>, scope = new CancellationScope()): Promise<T> {
    this.scope = scope;
    try {
      return await scope.run(body);
    } finally {
      this.scope = undefined;
    }
  }
}
