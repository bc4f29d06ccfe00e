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

/** `{place}: {word} → {instead}` for each comment and message of a source file that uses a word of the list. */
function findings(file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8')
    .replaceAll(TOLD.includes(file) ? /\btold\b/g : /$^/g, '')
    .split('\n');
  return lines.flatMap((line, index) =>
    rejectedWords
      .filter(([phrase]) => phrase.test(line))
      .map(([phrase, instead]) => `${file}:${index + 1}: ${phrase.exec(line)![0]} → ${instead}`),
  );
}

it('sources use plain technical English', () => {
  // Generated from schemas, which are among the sources.
  const files = globSync(['src/**/*.ts', 'lab/**/*.ts'], { cwd: root }).filter((file) => !/manifest-types/.test(file));
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap(findings)).toEqual([]);
});
