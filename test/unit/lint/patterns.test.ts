import { join } from 'node:path';
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
