import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerTo } from './corpus/answer.ts';

const directory = join(import.meta.dirname, 'corpus');

interface Case {
  readonly name: string;
  /** As `answerTo` has it. */
  readonly answer: readonly string[];
  readonly text: string;
}

/** The cases of a file: `### NAME`, a line `#> ` for each line of the answer, and the text. */
function casesOf(file: string): readonly Case[] {
  const [, ...parts] = readFileSync(join(directory, file), 'utf8').split(/^### /m);
  return parts.map((part) => {
    const [name = '', ...lines] = part.split('\n');
    const answer = lines.filter((line) => line.startsWith('#> ')).map((line) => line.slice('#> '.length));
    return { name, answer, text: lines.slice(answer.length).join('\n') };
  });
}

const files = readdirSync(directory).filter((file) => file.endsWith('.txt'));

describe.each(files)('a manifest of %s has its right answer:', (file) => {
  it.each(casesOf(file).map((each) => [each.name, each] as const))('%s', (_, { answer, text }) => {
    expect(answerTo(text)).toEqual(answer);
  });
});

it('the corpus has at least 150 manifests, of which a third and more are wrong', () => {
  const cases = files.flatMap(casesOf);
  const wrong = cases.filter(({ answer }) => !answer[0]!.startsWith('valid'));
  expect(cases.length).toBeGreaterThanOrEqual(150);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(wrong.length).toBeGreaterThan(cases.length / 3);
});
