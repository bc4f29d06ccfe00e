import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { root } from '../support/build.ts';
import { commandLinesOf, parseCommandLine, type CommandLine } from '../support/command-lines.ts';

const documents = globSync(['*.md', 'docs/*.md', 'examples/*.md', 'lab/*.md'], {
  cwd: root,
  exclude: ['CHANGELOG.md'],
});
const files = globSync(['examples/**/*.{yaml,sh}', 'deploy/**/*.{yaml,txt}', 'docker-compose.yml'], { cwd: root });

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Typed {
  readonly words: CommandLine;
  /** In a sentence: what the command needs may be left out. */
  readonly isPartial: boolean;
}

const typed = (isPartial: boolean) => (text: string) =>
  commandLinesOf(text).map((words): Typed => ({ words, isPartial }));

/** In fences of a shell, in those without a language after `$`, and as code in sentences. */
function inDocument(path: string): Typed[] {
  const text = read(path);
  const fences = [...text.matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)].flatMap(([, language = '', block = '']) => {
    if (['console', 'bash', 'sh'].includes(language)) return [block];
    return language === '' ? [block.replaceAll(/^(?!\s*\$ ).*$/gm, '')] : [];
  });
  const sentences = text.replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const inline = [...sentences.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll(/\s+/g, ' '));
  return [...fences.flatMap(typed(false)), ...inline.flatMap(typed(true))];
}

/** In comments and scripts. */
const inFile = (path: string): Typed[] =>
  read(path)
    .split('\n')
    .map((line) => line.replace(/^\s*#\s+/, ''))
    .filter((line) => /^\s*temporal-spark [a-z-]+( |$)/.test(line))
    .flatMap(typed(false));

/** What the program prints is not an error; an argument that is missing is one outside of sentences only. */
async function problemOf({ words, isPartial }: Typed): Promise<string | undefined> {
  const accepted = ['commander.version', 'commander.help', 'commander.helpDisplayed'];
  const missing = ['commander.missingArgument', 'commander.missingMandatoryOptionValue'];
  try {
    return void (await parseCommandLine(words));
  } catch (error) {
    const { code, message } = error as CommanderError;
    return accepted.includes(code) || (isPartial && missing.includes(code)) ? undefined : message;
  }
}

/** With an ellipsis, or nothing after its name. */
const isElided = ({ words }: Typed): boolean => words.length === 0 || words.some((word) => word.includes('…'));

describe.each([
  ...documents.map((path) => [path, inDocument(path)] as const),
  ...files.map((path) => [path, inFile(path)] as const),
])('%s', (_, all) => {
  it('has only command lines of temporal-spark that the program accepts', async () => {
    for (const each of all.filter((line) => !isElided(line))) {
      expect(await problemOf(each), each.words.join(' ')).toBeUndefined();
    }
  });
});

it('finds the command lines', () => {
  expect(documents.flatMap(inDocument).filter((line) => !isElided(line)).length).toBeGreaterThan(150);
});

it.each([
  ['kill pi --reasn x', "unknown option '--reasn'"],
  ['descibe pi', "unknown command 'descibe'"],
  ['run', "missing required argument 'file'"],
])('rejects the command line "%s"', async (line, problem) => {
  expect(await problemOf({ words: line.split(' '), isPartial: false })).toContain(problem);
});
