import { eventually } from '../../lab/eventually.ts';
import { bounded, PROCESS_BOUNDS, type ProcessBounds, type StartedProcess } from './bounded-process.ts';
import type { Violation } from './invariants.ts';

/** A process that is started again whenever it ends, as Kubernetes does it. */
export class LaneProcess {
  /** Times it ended by itself. */
  exits = 0;
  /** It did not stop, or took too much memory. */
  readonly violations: Violation[] = [];
  protected process: StartedProcess | undefined;
  private readonly what: string;
  private readonly startProcess: () => Promise<StartedProcess>;
  private readonly bounds: ProcessBounds;
  private starting: Promise<void> | undefined;
  private stopping = false;

  constructor(what: string, startProcess: () => Promise<StartedProcess>, bounds: ProcessBounds = PROCESS_BOUNDS) {
    this.what = what;
    this.startProcess = startProcess;
    this.bounds = bounds;
  }

  /** @param gone is called when it is, before the next one is started */
  async kill(gone: () => unknown): Promise<void> {
    this.stopping = true;
    await this.settled();
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
    await this.settled();
    await this.process?.end('SIGTERM');
  }

  /** A start that is under way counts. */
  run(): Promise<void> {
    this.starting ??= this.start().finally(() => (this.starting = undefined));
    return this.starting;
  }

  /** What is done about each process, before it counts as started. */
  protected async started(): Promise<void> {}

  /** Resolves once no process is being started: it would not be known, and would live on unobserved. */
  protected async settled(): Promise<void> {
    await this.starting?.catch(() => undefined);
  }

  private async start(): Promise<void> {
    // It ends if it cannot reach its servers, and one of them may be what was just killed.
    const made = await eventually(`${this.what} to start`, this.startProcess, { intervalMs: 1_000 });
    const started = bounded(made, this.what, (violation) => this.violations.push(violation), this.bounds);
    this.process = started;
    await this.started();
    void started.exited.then(() => {
      if (this.stopping || this.process !== started) return;
      this.exits += 1;
      this.run().catch((error: unknown) => this.violations.push({ harm: 'stuck', what: String(error) }));
    });
  }
}
