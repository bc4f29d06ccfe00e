import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ErrorCode } from '../../src/submitter-server/index.ts';
import { root } from '../support/build.ts';

const page = readFileSync(join(root, 'docs/submitter-server.md'), 'utf8');
const [, section] = page.split('\n## The contract\n');
const rows = section!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => /^\| (?!asked|-)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | *\|$/g, '').trim()));

it('each row of the contract names an existing test', () => {
  const units = join(root, 'test/unit/submitter-server');
  const tests = [
    ...readdirSync(units).map((name) => join(units, name)),
    join(root, 'test/cluster/submitter-server.test.ts'),
  ]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  expect(rows.length).toBeGreaterThan(20);
  for (const [asked, answered, test] of rows) {
    expect(asked).not.toBe('');
    expect(answered).not.toBe('');
    const [, title] = /^`([^`]+)`$/.exec(test!) ?? [];
    expect(
      [`'${title}'`, `"${title}"`].some((literal) => tests.includes(literal)),
      test,
    ).toBe(true);
  }
});

it('each error code has its row', () => {
  const answers = rows.map(([, answered]) => answered).join('\n');
  for (const code of Object.values(ErrorCode)) expect(answers).toContain(`\`${code}\``);
});
