import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import type { KubeConfig } from '@kubernetes/client-node';

/** Longest output of a plugin, in bytes: credentials have a few thousand. */
const OUTPUT_BYTES = 2 ** 20;

export interface CredentialPlugins {
  /** Ends what runs; each fails with the reason. */
  kill(reason: Error): void;
}

/** How the official client's authentication by plugins starts a process. */
type ExecFn = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/**
 * Runs the credential plugins of a configuration as leaders of process groups, which `kill` ends with all that they
 * started. A plugin that writes without end is killed, too. The cache of their credentials stays the configuration's.
 */
export function boundPlugins(config: KubeConfig): CredentialPlugins {
  const running = new Map<ChildProcess, (reason: Error) => void>();
  const execFn: ExecFn = (command, args, options) => {
    const child = spawn(command, args, { ...options, detached: true });
    let bytes = 0;
    const kill = (reason: Error) => {
      if (!running.delete(child)) return;
      child.emit('error', reason); // what its failure is reported with
      if (child.pid !== undefined) killGroup(child.pid);
    };
    running.set(child, kill);
    child.once('close', () => running.delete(child));
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', (text: string) => {
        bytes += Buffer.byteLength(text);
        if (bytes > OUTPUT_BYTES) kill(new Error(`${command} wrote more than ${OUTPUT_BYTES} bytes and was killed`));
      });
    }
    return child;
  };
  const own = config as unknown as { authenticators: object[] };
  // Copies: other configurations may share them.
  own.authenticators = own.authenticators.map((each) =>
    'execFn' in each
      ? (Object.assign(Object.create(Object.getPrototypeOf(each) as object), each, { execFn }) as object)
      : each,
  );
  return { kill: (reason) => running.forEach((kill) => kill(reason)) };
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
