import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rejectedWords } from '../support/words.ts';
import { root } from '../support/build.ts';

const documents = globSync(['*.md', 'docs/*.md', 'examples/*.md', 'lab/*.md'], { cwd: root }).toSorted();

/** Characters of a line, and of a cell of a table. */
const LINE = 120;
const CELL = 160;

interface Line {
  readonly at: string;
  readonly text: string;
  readonly kind: 'code' | 'table' | 'prose';
}

function linesOf(document: string): Line[] {
  const text = readFileSync(join(root, document), 'utf8');
  let fenced = false;
  return text.split('\n').map((line, index): Line => {
    const fence = /^ *```/.test(line);
    if (fence) fenced = !fenced;
    const kind = fence || fenced ? 'code' : line.trimStart().startsWith('|') ? 'table' : 'prose';
    return { at: `${document}:${index + 1}`, text: line, kind };
  });
}

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Without what is quoted from code, such as the title of a test. */
const words = (text: string): string => text.replaceAll(/`[^`]*`/g, '`…`');

describe.each(documents)('%s', (document) => {
  const lines = linesOf(document);

  it(`has lines of at most ${LINE} characters outside of code and tables`, () => {
    // A link or an image may not be broken.
    const long = lines.filter(({ kind, text }) => kind === 'prose' && text.length > LINE && !/^\S+$/.test(text.trim()));
    expect(long.map(({ at }) => at)).toEqual([]);
  });

  it(`has cells of at most ${CELL} characters`, () => {
    const long = lines.filter(({ kind, text }) => kind === 'table' && cellsOf(text).some((cell) => cell.length > CELL));
    expect(long.map(({ at }) => at)).toEqual([]);
  });

  it('uses plain technical English', () => {
    const found = lines.flatMap(({ at, text }) =>
      rejectedWords
        .filter(([phrase]) => phrase.test(words(text)))
        .map(([phrase, instead]) => `${at}: ${phrase.exec(words(text))![0]} → ${instead}`),
    );
    expect(found).toEqual([]);
  });
});
