import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { lintWithoutTypes } from '../../support/eslint.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const eslint = lintWithoutTypes();

async function broken(text: string): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, 'src/validation/trim.ts') });
  return result!.messages.map(({ ruleId }) => ruleId);
}

it.each([
  ['can backtrack', 'export const pattern = /^\\d*\\.?\\d+$/;', 'regexp/no-super-linear-backtracking'],
  ['searches each run from each of its characters', 'export const pattern = /\\/+$/;', 'regexp/no-super-linear-move'],
])('the linter rejects a pattern that %s', async (_, text, rule) => {
  expect(await broken(text)).toEqual([rule]);
});

/** A pattern that would take hours; the others take two seconds. */
const HANGS_AFTER_MS = 60_000;

it('no pattern of src takes more than linear time with its own words', { timeout: 2 * HANGS_AFTER_MS }, async () => {
  const program = join(root, 'test/support/hostile/measure-patterns.ts');
  const child = spawn(process.execPath, [program], { timeout: HANGS_AFTER_MS });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.trim().split('\n');
  expect(lines.at(-1), errors).toBe('"end"');
  expect(lines.filter((line) => line.includes('"unit":'))).toEqual([]);
});
