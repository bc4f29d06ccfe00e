import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const tests = join(import.meta.dirname, '..');
const page = readFileSync(join(tests, '..', 'CONTRIBUTING.md'), 'utf8');
const [, section = ''] = page.split('### What withstands attacks');
const rows = section
  .split('\n### ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2);

/** `cluster/waiting`: words of a test; words of another one of it */
function references(row: string): [file: string, words: string][] {
  let file = '';
  return row
    .split('|')[2]!
    .split(';')
    .map((reference) => {
      const [, named, rest] = /^ *(?:`([^`]+)`:?)?(.*)$/.exec(reference)!;
      file = named ?? file;
      return [file, rest!.trim()];
    });
}

it('has an attack in each row', () => expect(rows.length).toBeGreaterThan(20));

it.each(rows.flatMap(references))('%s: %s', (file, words) => {
  const source = join(tests, `${file}.test.ts`);
  expect(existsSync(source), source).toBe(true);
  if (words !== '') expect(readFileSync(source, 'utf8').toLowerCase()).toContain(words.toLowerCase());
});
