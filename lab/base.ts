import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabOptions } from './contract.ts';
import { Supervisor } from './process.ts';
import type { LabRecord } from './record.ts';
import { runStep } from './step.ts';
import { ensureTools } from './toolchain/toolchain.ts';
import { type ToolName, tools } from './toolchain/tools.ts';

/** A cluster as a mode brings it up; Temporal and the way to stop are the same for all modes. */
export interface LabCluster {
  readonly kubeconfig: string;
  readonly sparkImages?: Readonly<Record<string, string>>;
  readonly auditLog?: string;
}

export type StartCluster = (base: LabBase) => Promise<LabCluster>;

/** What every mode builds upon: a directory, supervised processes, programs, progress. */
export class LabBase {
  readonly options: LabOptions;
  /** Whatever is made apart from processes started by `supervisor` goes here first, to be unmade after a crash. */
  readonly record: LabRecord;
  readonly supervisor: Supervisor;
  /** Aborts when the lab stops, or its start is aborted. */
  readonly signal: AbortSignal;
  readonly #stopping = new AbortController();

  constructor(options: LabOptions, record: LabRecord) {
    this.options = options;
    this.record = record;
    this.signal = this.#stopping.signal;
    this.supervisor = new Supervisor({ logDirectory: join(record.directory, 'logs'), record, signal: this.signal });
  }

  get id(): string {
    return this.record.id;
  }

  /** The lab's own directory; `path('etcd')` is a folder or file in it. */
  path(...segments: string[]): string {
    return join(this.record.directory, ...segments);
  }

  async makeDirectory(...segments: string[]): Promise<string> {
    const directory = this.path(...segments);
    await mkdir(directory, { recursive: true });
    return directory;
  }

  /** Absolute path of each program, downloaded or built where need be. */
  async tools<Name extends ToolName>(...names: Name[]): Promise<Record<Name, string>> {
    const { onProgress } = this.options;
    const paths = await ensureTools(
      names.map((name) => tools[name]),
      { ...(onProgress === undefined ? {} : { onProgress }), signal: this.signal },
    );
    return Object.fromEntries(names.map((name, index) => [name, paths[index]])) as Record<Name, string>;
  }

  /** Does the work and reports its begin, its end and how long it took. */
  async step<T>(step: string, work: () => Promise<T>): Promise<T> {
    return runStep(step, work, { onProgress: this.options.onProgress, signal: this.signal });
  }

  /** Ends a start that is under way, then stops every process, last started first. */
  async stop(reason: unknown = new Error('The lab was stopped.')): Promise<void> {
    this.#stopping.abort(reason);
    await this.supervisor.stop();
  }
}
