import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dieWithParent } from '../../lab/process.ts';
import type { Timings } from '../../src/index.ts';
import { FAST } from './timings.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** How it ended, once it has. */
  readonly exited: Promise<unknown>;
  /** Sends the signal and resolves with how the process ended. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Starts `temporal-spark worker` as a user would; resolves when it says that it polls. */
export async function startWorkerProcess(options: {
  readonly temporalAddress: string;
  readonly kubeconfig: string;
  /** Instead of that. */
  readonly worker?: { readonly kubeconfig: string };
  readonly taskQueue: string;
  /** @default FAST */
  readonly timings?: Partial<Timings>;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<WorkerProcess> {
  const [program = '', ...args] = [...dieWithParent(), process.execPath, cli, 'worker'];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_SPARK_TASK_QUEUE: options.taskQueue,
      KUBECONFIG: options.worker?.kubeconfig ?? options.kubeconfig,
      TEMPORAL_SPARK_TIMINGS: JSON.stringify(options.timings ?? FAST),
      ...options.env,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const output: string[] = [];
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (/polling task queue|Worker state changed.*RUNNING/i.test(line)) resolve();
      });
    }
  });
  await Promise.race([
    ready,
    exited.then(([code]) => {
      throw new Error(`The worker ended with exit code ${code} before it was ready:\n${output.join('\n')}`);
    }),
  ]);
  return {
    pid: child.pid!,
    exited,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      const [code, by] = await exited;
      return { code, signal: by };
    },
  };
}
