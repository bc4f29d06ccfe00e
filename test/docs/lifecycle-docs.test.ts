import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApplicationState } from '../../src/index.ts';
import { renderLifecycle } from '../../scripts/lifecycle.ts';

const tests = join(import.meta.dirname, '..');
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'lifecycle.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));

/** `cluster/waiting`: the words of a test */
const references = [...page.matchAll(/`((?:[a-z]+\/)+[a-z-]+)`(?:: ([^;|`()\n]+))?/g)].map(
  ([, file = '', words = '']) => ({
    file,
    words: words.trim().replace(/[.,]$/, ''),
  }),
);

describe('docs/lifecycle.md', () => {
  it('has a way to and from every state', () => {
    const transitions = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    for (const state of Object.values(ApplicationState)) {
      const mentions = transitions.filter(([, from, , to]) => `${from} ${to}`.split(/[ ,]+/).includes(state));
      expect(mentions.length, state).toBeGreaterThan(0);
    }
  });

  it('has the states and the requests of the code', async () => {
    expect(page).toBe(await renderLifecycle(page));
  });

  const inTests = references.filter(({ file }) => existsSync(join(tests, file.split('/')[0]!)));
  it('names tests', () => expect(inTests.length).toBeGreaterThan(30));

  it.each(inTests)('$file: $words', ({ file, words }) => {
    const source = join(tests, `${file}.test.ts`);
    expect(existsSync(source), source).toBe(true);
    if (words !== '') expect(readFileSync(source, 'utf8').toLowerCase()).toContain(words.toLowerCase());
  });
});
