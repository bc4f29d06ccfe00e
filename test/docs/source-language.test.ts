import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/build.ts';
import { rejectedWords } from '../support/words.ts';

/** A field of what a queue hands to its next run: a name in histories does not change. */
const TOLD = [
  'src/protocol/admission.ts',
  'src/workflows/lease/place-notices.ts',
  'src/workflows/lease/read-requests.ts',
];

/** A comment, or the title of a test: what else is in a test may be the text of others. */
const WRITTEN = /^\s*(\/\/|\/?\*)|\s\/\/ |\b(it|describe|test)(\.\w+)*\(|^\s*\]\)\('/;

/** `{place}: {word} → {instead}` for each comment and message of a source file that uses a word of the list. */
function findings(file: string, isRead: (line: string) => boolean = () => true): string[] {
  const lines = readFileSync(join(root, file), 'utf8')
    .replaceAll(TOLD.includes(file) ? /\btold\b/g : /$^/g, '')
    .split('\n');
  return lines.flatMap((line, index) =>
    rejectedWords
      .filter(([phrase]) => isRead(line) && phrase.test(line))
      .map(([phrase, instead]) => `${file}:${index + 1}: ${phrase.exec(line)![0]} → ${instead}`),
  );
}

it('sources use plain technical English', () => {
  // Generated from schemas, which are among the sources.
  const files = globSync(['src/**/*.ts', 'lab/**/*.ts'], { cwd: root }).filter((file) => !/manifest-types/.test(file));
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => findings(file))).toEqual([]);
});

it('comments of tests and scripts, and titles of tests, use plain technical English', () => {
  // A list of the words themselves, and what is quoted.
  const files = globSync(['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', '*.{mjs,ts}'], { cwd: root }).filter(
    (file) => file !== 'test/support/words.ts',
  );
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => findings(file, (line) => WRITTEN.test(line)))).toEqual([]);
});
