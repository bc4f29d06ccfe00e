import { Readable } from 'node:stream';
import { format } from 'node:util';
import { vi } from 'vitest';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { cliEnvironment, type CliOptions, type CliResult } from './cli.ts';

export interface InProcessOptions extends Pick<CliOptions, 'env' | 'stdin'> {
  /** Receives both streams as they are written, as a terminal shows them. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs `temporal-spark` in this process, with the environment that `cli` gives it: without the processor time of a
 * start, which is half a second. Not for two commands at once, and not for what only a process shows (`cli`).
 */
export async function inProcess(
  args: readonly string[],
  { env = {}, stdin = '', onOutput = () => undefined }: InProcessOptions = {},
): Promise<CliResult> {
  const written = { stdout: '', stderr: '' };
  const print = (stream: keyof typeof written) => (chunk: unknown) => {
    onOutput(String(chunk));
    return (written[stream] += String(chunk)) !== '';
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((...line) => void print('stdout')(`${format(...line)}\n`)),
    vi.spyOn(console, 'error').mockImplementation((...line) => void print('stderr')(`${format(...line)}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation(print('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(print('stderr')),
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([stdin]) as typeof process.stdin),
  ];
  const before = { ...process.env };
  replaceEnvironment(cliEnvironment(env));
  try {
    const { exitCode } = await runCommandLine(args, '0.0.0');
    return { code: exitCode, ...written };
  } finally {
    replaceEnvironment(before);
    for (const spy of spies) spy.mockRestore();
  }
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
}
