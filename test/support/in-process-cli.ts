import { vi } from 'vitest';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import type { CliResult } from './cli.ts';

/** Runs `temporal-spark` in this process: without the time that a start takes. Not for two commands at once. */
export async function inProcess(...args: string[]): Promise<CliResult> {
  const lines: { stdout: string[]; stderr: string[] } = { stdout: [], stderr: [] };
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.stdout.push(String(line)));
  const error = vi.spyOn(console, 'error').mockImplementation((line: unknown) => void lines.stderr.push(String(line)));
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.stdout.push(String(text)) > 0);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.stderr.push(String(text)) > 0);
  try {
    const { exitCode } = await runCommandLine(args, '0.0.0');
    return { code: exitCode, stdout: lines.stdout.join('\n'), stderr: lines.stderr.join('\n') };
  } finally {
    for (const spy of [log, error, out, err]) spy.mockRestore();
  }
}
