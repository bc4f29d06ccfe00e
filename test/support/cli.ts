import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '..', '..');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `temporal-spark` from its source, as a user would; only what is given of the environment points anywhere. */
export async function cli(
  args: readonly string[],
  {
    env = {},
    stdin,
    nodeArgs = [],
    cwd = root,
  }: { env?: Record<string, string>; stdin?: string; nodeArgs?: string[]; cwd?: string } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [...nodeArgs, join(root, 'src/cli/main.ts'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  child.stdin.end(stdin ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
