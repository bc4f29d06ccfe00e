import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Lower it with every file that a manifest no longer passes. */
const MOST_FILES = 103;

interface Walk {
  readonly files: readonly string[];
  readonly stages: readonly { readonly name: string; readonly checks: number }[];
}

// V8 counts the functions of a whole process, so it is a process of its own.
const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'walk', 'main.ts');
const { stdout } = await promisify(execFile)(process.execPath, [script, '--json']);
const { files, stages } = JSON.parse(stdout) as Walk;

it(`a manifest passes at most ${MOST_FILES} files from the command line to its driver pod`, () => {
  expect(files).toContain('cli/commands/run/run.ts');
  expect(files).toContain('submitters/create-driver.ts');
  expect(files.length, files.join('\n')).toBeLessThanOrEqual(MOST_FILES);
});

it('a manifest is checked once by the client, and once by the worker', () => {
  expect(stages.map(({ name, checks }) => [name, checks])).toEqual([
    ['client', 1],
    ['workflow', 0],
    ['worker', 1],
  ]);
});
