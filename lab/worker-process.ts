import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import { dieWithParent } from './process.ts';

export interface WorkerProcessOptions {
  readonly temporalAddress: string;
  /** @default "default" */
  readonly temporalNamespace?: string;
  readonly kubeconfig: string;
  /** Settings of the worker that differ from those of its clients. */
  readonly worker?: { readonly kubeconfig: string };
  /** @default that of `temporal-spark worker` */
  readonly taskQueue?: string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerProcess {
  readonly pid: number;
  /** `/readyz` and `/livez` are served here, on 127.0.0.1. */
  readonly healthPort: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<ProcessEnd>;
  /** Sends the signal and resolves when the process has ended. */
  end(signal?: NodeJS.Signals): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const OUTPUT_KEPT = 20_000;

/**
 * Starts `temporal-spark worker` and resolves when its health port reports it ready. Rejects with the last output of the
 * process if it ends first or is not ready in time. The process ends with this one, where the system supports that.
 */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const healthPort = await freePort();
  const [program = '', ...args] = [...dieWithParent(), process.execPath, cli, 'worker'];
  const child = execa(program, args, {
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // Its own process group: at Ctrl-C this process decides when the worker stops.
    detached: true,
    // Draining a worker takes as long as its shutdown grace period.
    forceKillAfterDelay: false,
    env: {
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_NAMESPACE: options.temporalNamespace ?? 'default',
      ...(options.taskQueue === undefined ? {} : { TEMPORAL_SPARK_TASK_QUEUE: options.taskQueue }),
      KUBECONFIG: options.worker?.kubeconfig ?? options.kubeconfig,
      ...options.env,
      TEMPORAL_SPARK_HEALTH_ADDRESS: `127.0.0.1:${healthPort}`,
    },
  });
  let output = '';
  child.all.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_KEPT)));
  const exited = child.then(({ exitCode, signal }) => ({ code: exitCode ?? null, signal: signal ?? null }));
  const settled = new AbortController();
  const failure = await Promise.race([
    eventually('the worker to be ready', (signal) => checkReady(healthPort, signal), { signal: settled.signal }).then(
      () => undefined,
      (error: Error) => error.message,
    ),
    exited.then(({ code, signal }) => `the worker ended before it was ready (${signal ?? `exit code ${code}`})`),
  ]);
  settled.abort();
  if (failure !== undefined) {
    child.kill('SIGKILL');
    await exited;
    throw new Error(`${failure}. Its last output:\n${output}`);
  }
  return {
    pid: child.pid!,
    healthPort,
    exited,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

async function checkReady(port: number, signal: AbortSignal): Promise<true> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
  const report = await response.text();
  if (!response.ok) throw new Error(report);
  return true;
}
