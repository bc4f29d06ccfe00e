import type { ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { LabComponent } from './contract.ts';
import { eventually, passes } from './eventually.ts';
import { identifyProcess, isGroupAlive } from './process-identity.ts';
import type { LabRecord, LabResource } from './record.ts';

export interface ProcessSpec {
  readonly name: string;
  /** Absolute path, or a name on the PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /** Put in front of the command, such as `nsenter … --`. @default [] */
  readonly commandPrefix?: readonly string[];
  /** Added to the environment of this process, where `HOME` is the lab's directory. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves where the process serves, throws the reason why not yet; called again and again. */
  readonly ready: (signal: AbortSignal) => Promise<unknown>;
  /** @default 60000 */
  readonly readyTimeoutMs?: number;
  /** How long it may take to end after SIGTERM before it gets SIGKILL. @default 5000 */
  readonly stopTimeoutMs?: number;
}

/** A process ended, or did not become ready. The message holds the path of its log and the last lines. */
export class ComponentError extends Error {
  readonly type = 'LabComponentFailed';
  override readonly name = 'ComponentError';
  readonly component: string;
  readonly logFile: string;

  constructor(component: string, problem: string, logFile: string, cause?: unknown) {
    const tail = lastLines(logFile, 15);
    const shown = tail === '' ? 'It wrote nothing.' : `Its last lines:\n${tail}`;
    super(`${component} ${problem}. Log: ${logFile}\n${shown}`, { cause });
    this.component = component;
    this.logFile = logFile;
  }
}

/** Starts the processes of one lab and stops them, last started first. */
export class Supervisor {
  readonly #processes: SupervisedProcess[] = [];
  readonly #logDirectory: string;
  readonly #record: LabRecord;
  readonly #signal: AbortSignal;

  /** Nothing is started any more once the signal is aborted, and a start under way is aborted. */
  constructor(options: { logDirectory: string; record: LabRecord; signal: AbortSignal }) {
    this.#logDirectory = options.logDirectory;
    this.#record = options.record;
    this.#signal = options.signal;
    mkdirSync(this.#logDirectory, { recursive: true });
  }

  get components(): Readonly<Record<string, LabComponent>> {
    return Object.fromEntries(this.#processes.map((component) => [component.name, component]));
  }

  /** Resolves when the process is ready. @throws ComponentError */
  async start(spec: ProcessSpec): Promise<LabComponent> {
    const logFile = join(this.#logDirectory, `${spec.name}.log`);
    const component = new SupervisedProcess(spec, logFile, this.#record, this.#signal);
    this.#processes.push(component);
    await component.start();
    return component;
  }

  async stop(): Promise<void> {
    for (const component of this.#processes.toReversed()) await component.stop();
  }
}

/** `kill` signals the whole process group. */
type Child = Pick<ChildProcess, 'pid' | 'kill'>;

class SupervisedProcess implements LabComponent {
  readonly name: string;
  readonly logFile: string;
  readonly #spec: ProcessSpec;
  readonly #record: LabRecord;
  readonly #signal: AbortSignal;
  #child: Child | undefined;
  #exited: Promise<string> = Promise.resolve('not started');
  #gone: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec, logFile: string, record: LabRecord, signal: AbortSignal) {
    this.name = spec.name;
    this.logFile = logFile;
    this.#spec = spec;
    this.#record = record;
    this.#signal = signal;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get #stopTimeoutMs(): number {
    return this.#spec.stopTimeoutMs ?? 5000;
  }

  async start(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#child !== undefined) throw new Error(`${this.name} already runs (PID ${this.#child.pid}).`);
    const exited = this.#spawn();
    const stopPolling = new AbortController();
    const ready = eventually(`${this.name} to be ready`, passes(this.#spec.ready), {
      timeoutMs: this.#spec.readyTimeoutMs ?? 60_000,
      intervalMs: 50,
      signal: AbortSignal.any([stopPolling.signal, this.#signal]),
    });
    const outcome = await Promise.race([
      ready.then(
        () => ({ ready: true }) as const,
        (error: unknown) => ({ ready: false, problem: `was not ready in time (${String(error)})`, error }) as const,
      ),
      exited.then(
        (how) => ({ ready: false, problem: `ended before it was ready (${how})`, error: undefined }) as const,
      ),
    ]);
    stopPolling.abort();
    if (outcome.ready) return;
    await this.stop();
    this.#signal.throwIfAborted();
    throw new ComponentError(this.name, outcome.problem, this.logFile, outcome.error);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      child.kill(signal);
      this.#gone = this.#exited.then(() => groupIsGone(child, this.#stopTimeoutMs));
    }
    await this.#gone; // Possibly of an earlier call, whose process has ended, but not yet all of its group.
  }

  stop(): Promise<void> {
    return this.kill('SIGTERM');
  }

  #spawn(): Promise<string> {
    const { command, args, commandPrefix = [], env } = this.#spec;
    const [file, ...rest] = [...dieWithParent(), ...commandPrefix, command, ...args] as [string, ...string[]];
    // execa passes on any descriptor, but its type lists the first ten. With `{ file }` the output would go through us.
    const log = openSync(this.logFile, 'a') as 9;
    writeSync(log, `[lab] ${[file, ...rest].join(' ')}\n`);
    // A separate group: Ctrl-C in a terminal must reach the lab's owner only, which stops the parts in order.
    const child = execa(file, rest, {
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      detached: true,
      killDescendants: true,
      forceKillAfterDelay: this.#stopTimeoutMs,
      reject: false,
      // No settings of the user apply to a lab, and its parts talk to each other only, never through a proxy.
      env: { HOME: this.#record.directory, NO_PROXY: '*', no_proxy: '*', ...env },
    });
    closeSync(log);
    this.#child = child;
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    const resource: LabResource | undefined = identity && { kind: 'process', name: this.name, ...identity };
    if (resource !== undefined) this.#record.add(resource);
    this.#exited = child.then(({ exitCode, signal, originalMessage }) => {
      if (this.#child === child) this.#child = undefined;
      if (resource !== undefined) this.#record.remove(resource);
      if (signal !== undefined) return `signal ${signal}`;
      return exitCode === undefined ? (originalMessage ?? 'not started') : `exit code ${exitCode}`;
    });
    return this.#exited;
  }
}

/** A prefix such as `nsenter` ends at once and its child a little later: the whole group must have ended. */
async function groupIsGone(child: Child, graceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const ended = (timeoutMs: number): Promise<boolean> =>
    eventually(`process group ${pid} to end`, () => !isGroupAlive(pid), { timeoutMs, intervalMs: 10 });
  await ended(graceMs).catch(() => {
    child.kill('SIGKILL');
    return ended(5000).catch(() => undefined); // The other processes must be stopped all the same.
  });
}

/** Begin of a command line by which, where the system can do it, the process dies with this one, however that ends. */
export function dieWithParent(): readonly string[] {
  return process.platform === 'linux' && findOnPath('setpriv') !== undefined
    ? ['setpriv', '--pdeathsig', 'KILL', '--']
    : [];
}

/** The first executable file of that name on the PATH. */
export function findOnPath(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('[lab] '))
      .slice(-count)
      .map((line) => `  ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}
