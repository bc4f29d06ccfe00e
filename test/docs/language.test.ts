import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/build.ts';

const documents = globSync(['*.md', 'docs/*.md', 'examples/*.md', 'lab/*.md'], { cwd: root }).toSorted();

/** Characters of a line, and of a cell of a table. */
const LINE = 120;
const CELL = 160;
/** Parts that are rewritten together with the code that they describe. Delete an entry when its part is rewritten. */
const pending: Readonly<Record<string, { readonly sections: readonly string[]; readonly tables: readonly string[] }>> =
  {
    'docs/architecture.md': {
      sections: [],
      tables: ['The rooms'],
    },
  };

/** What engineers do not expect to read, and what to write instead. */
const rejected: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\b(?:no|some|any|every)body\b/i, 'the process, worker, client or user'],
  [/\bwhoever\b/i, 'the process, worker, client or user'],
  [/\b(?:tell|tells|told|telling)\b/i, 'report, return, log'],
  [/\b(?:say|says|said|saying)\b/i, 'report, state, specify, set'],
  [/\banew\b/i, 'again'],
  [/\bin vain\b/i, 'timed out after … waiting for …'],
  [/\bmend(?:s|ed)?\b/i, 'fix, repair'],
  [/\b(?:ha[sd]|have) to\b/i, 'must'],
  [/\b(?:is|are|there is) none\b/i, 'does not exist, is not a …'],
  [/\bnames a \w+ that there\b/i, 'unknown …; known: …'],
  [/\bthere (?:is|are) none of\b/i, 'unknown'],
  [/\bis no (?:[A-Z]\w+|pod|state|manifest|failure|matter)\b/, 'is not a …'],
  [/\bis no matter of\b/i, 'is not …'],
  [/\blet(?:s|ting)? (?:\w+ ){0,3}(?:go|in)\b/i, 'release, remove the finalizer, admit'],
  [/\btaken over\b/i, 'reloaded, applied'],
  [/\bcan(?:'t| not)\b/i, 'cannot'],
  [/\bbeside\b/i, 'next to (space), with, and'],
  [/\bearlier (?:one|ones)\b/i, 'previous'],
  [/\bgo(?:es)? on\b/i, 'continue'],
  [/\bmakes no sense\b/i, 'cannot … while …'],
  [/\bcan be asked of\b/i, 'accepts requests'],
  [/\bwas never seen\b|\bnever seen\b/i, 'was not recorded'],
  [/\bknows how it ended\b/i, 'the exit status is unknown'],
  [/\bdoes not answer since\b/i, 'has been NotReady since'],
  [/\bis deleted, but not gone\b/i, 'is still terminating'],
  [/\bstays? what (?:it|they) (?:was|were)\b/i, 'is unchanged'],
  [/\bcan(?:not)? be had\b/i, 'is available'],
  [/\bIt gave no\b/i, 'missing declared outputs'],
  [/\bWhat it is given\b/i, 'the input'],
  [/\bthat will do\b/i, 'eligible'],
  [/\bcondemns?\b/i, 'fails'],
  [/\bbelieves?d?\b/i, 'verifies'],
  [/\bmisspelt\b/i, 'misspelled'],
];

interface Line {
  readonly at: string;
  readonly text: string;
  readonly kind: 'code' | 'table' | 'prose';
}

function linesOf(document: string): Line[] {
  const { sections = [], tables = [] } = pending[document] ?? {};
  const text = readFileSync(join(root, document), 'utf8');
  let fenced = false;
  let section = '';
  return text.split('\n').flatMap((line, index): Line[] => {
    const fence = /^ *```/.test(line);
    if (fence) fenced = !fenced;
    const kind = fence || fenced ? 'code' : line.trimStart().startsWith('|') ? 'table' : 'prose';
    if (kind === 'prose' && line.startsWith('## ')) section = line.slice(3);
    if (sections.includes(section) || (kind === 'table' && tables.includes(section))) return [];
    return [{ at: `${document}:${index + 1}`, text: line, kind }];
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
      rejected
        .filter(([phrase]) => phrase.test(words(text)))
        .map(([phrase, instead]) => `${at}: ${phrase.exec(words(text))![0]} → ${instead}`),
    );
    expect(found).toEqual([]);
  });
});
