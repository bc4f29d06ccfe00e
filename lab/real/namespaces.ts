import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabBase } from '../base.ts';
import { cacheDirectory } from '../cache.ts';

export interface Namespaces {
  /** A process in them, as seen from outside. */
  readonly pid: number;
  /** Put in front of a command so that it runs in them. */
  readonly commandPrefix: readonly string[];
}

/**
 * Network, mount and PID namespaces of the lab's own. They have no name anywhere: they end, with every process, mount
 * and interface in them, when their first process does, and that one ends with this process.
 */
export async function startNamespaces(base: LabBase): Promise<Namespaces> {
  const first = await base.step('namespaces', () =>
    base.supervisor.start({
      name: 'namespaces',
      command: 'unshare',
      args: [
        ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...['sh', join(import.meta.dirname, 'namespaces.sh'), base.path(), cacheDirectory()],
      ],
      ready: () => access(base.path('namespaces.ready')),
    }),
  );
  const pid = first.pid as number;
  // One signal ends the whole lab, instead of an orderly end of each part in turn.
  base.signal.addEventListener('abort', () => void first.kill('SIGKILL'), { once: true });
  const target = ['--target', String(pid), '--net', '--mount', `--pid=/proc/${pid}/ns/pid_for_children`];
  return { pid, commandPrefix: ['nsenter', ...target, '--'] };
}
