import { eventually } from '../../lab/eventually.ts';
import type { WorkerProcess } from '../../lab/worker-process.ts';

/** A process that is started again whenever it ends, as Kubernetes does it. */
export class LaneProcess {
  /** Times it ended by itself. */
  exits = 0;
  protected process: Pick<WorkerProcess, 'exited' | 'end'> | undefined;
  private readonly what: string;
  private readonly startProcess: () => Promise<Pick<WorkerProcess, 'exited' | 'end'>>;
  private stopping = false;

  constructor(what: string, startProcess: () => Promise<Pick<WorkerProcess, 'exited' | 'end'>>) {
    this.what = what;
    this.startProcess = startProcess;
  }

  /** @param gone is called when it is, before the next one is started */
  async kill(gone: () => unknown): Promise<void> {
    this.stopping = true;
    await this.process!.end('SIGKILL');
    try {
      await gone();
    } finally {
      this.stopping = false;
      await this.run();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.process?.end('SIGTERM');
  }

  async run(): Promise<void> {
    // It ends if it cannot reach its servers, and one of them may be what was just killed.
    const started = await eventually(`${this.what} to start`, this.startProcess, { intervalMs: 1_000 });
    this.process = started;
    await this.started();
    void started.exited.then(() => {
      if (this.stopping || this.process !== started) return;
      this.exits += 1;
      return this.run();
    });
  }

  /** What is done about each process, before it counts as started. */
  protected async started(): Promise<void> {}
}
