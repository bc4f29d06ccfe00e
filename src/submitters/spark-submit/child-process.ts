import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Aborted, it is killed with all that it started. */
  readonly signal: AbortSignal;
}

export interface ChildExit {
  /** Absent where it was killed. */
  readonly code: number | undefined;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
}

const STDERR_LIMIT = 16 * 1024;

/**
 * Becomes the program, next to which a shell waits for the end of this process, whose end closes its standard input: one
 * that was killed cannot kill anything. The program itself has neither that input nor that shell as its parent.
 */
const WATCHED = 'exec 3<&0; { read -r _ <&3; kill -s KILL -- -$$; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

/** What to kill when this process exits: one listener for all, however many run. */
const groups = new Set<() => void>();
process.on('exit', () => groups.forEach((kill) => kill()));

/**
 * Runs a program to its end. It leads its own process group, killed at its end, when the signal aborts, and when
 * this process ends, even if it is killed.
 *
 * @throws the signal's reason where that aborted, and the system's error where it cannot be started
 */
export async function runChild({ command, args, cwd, env, signal }: ChildOptions): Promise<ChildExit> {
  signal.throwIfAborted();
  await access(command, constants.X_OK);
  signal.throwIfAborted();
  const shell = ['-c', WATCHED, 'sh', command, ...args];
  const child = spawn('/bin/sh', shell, { cwd, env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone.
    }
  };
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_LIMIT)));
  signal.addEventListener('abort', kill, { once: true });
  groups.add(kill);
  try {
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject);
      // What it left behind may hold its output open.
      child.once('exit', kill);
      child.once('close', (exitCode) => resolve(exitCode ?? undefined));
    });
    signal.throwIfAborted();
    return { code, stderr };
  } finally {
    signal.removeEventListener('abort', kill);
    groups.delete(kill);
    child.stdin.destroy();
    kill();
  }
}
