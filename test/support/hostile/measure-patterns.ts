/**
 * Measures each literal pattern of src/ on its own words, repeated: what one that backtracks, or searches each match from
 * each of its beginnings, takes quadratic time for. Writes a line of JSON before each pattern, one for each that is not
 * linear, and one at the end. Patterns are compared by the processor time of this thread: a busy machine changes nothing.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SRC = join(import.meta.dirname, '..', '..', '..', 'src');
const SHORT = 16_384;
const LONG = 4 * SHORT;
/** Linear ones, also with a bounded repetition, take about ten milliseconds for the long text, quadratic ones 100. */
const FAST_MS = 30;
/** Of the long text to the short one: linear ones take 4 times as long, quadratic ones 16 times. */
const LINEAR_FACTOR = 8;
/**
 * A measurement is of one run; where it is slow, the least of so many, in turns: compilation is part of the first, and
 * even processor time grows, up to threefold, while the neighbours of a core are busy.
 */
const RUNS = 20;

for (const file of (readdirSync(SRC, { recursive: true }) as string[]).toSorted()) {
  if (!file.endsWith('.ts')) continue;
  for (const { pattern, line } of patternsOf(readFileSync(join(SRC, file), 'utf8'))) {
    const where = `src/${file}:${line} ${String(pattern)}`;
    report({ where });
    const unit = unitsOf(pattern).find((each) => isSlow(pattern, each));
    if (unit !== undefined) report({ where, unit });
  }
}
report('end');

function isSlow(pattern: RegExp, unit: string): boolean {
  const long = timeOf(pattern, unit, LONG);
  if (long < FAST_MS) return false;
  const turns = Array.from(
    { length: RUNS },
    () => [timeOf(pattern, unit, LONG), timeOf(pattern, unit, SHORT)] as const,
  );
  const longest = Math.min(...turns.map(([long]) => long));
  const shortest = Math.min(...turns.map(([, short]) => short));
  return longest >= FAST_MS && longest > LINEAR_FACTOR * shortest;
}

/** Milliseconds for a text that repeats the unit, and ends in what no pattern ends in. */
function timeOf(pattern: RegExp, unit: string, length: number): number {
  const text = `${unit.repeat(Math.ceil(length / unit.length))}!`;
  const begun = process.threadCpuUsage();
  text.search(pattern);
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1_000;
}

/** What the pattern has literally: each word, each two in a row, all of them. */
function unitsOf({ source }: RegExp): readonly string[] {
  const text = source.replace(/\\[sSdDwWbB]/g, ' ').replace(/\\/g, '');
  const words = text.match(/[A-Za-z0-9 :/"'=@<>{}.-]+/g) ?? [];
  const pairs = words.slice(1).map((word, index) => `${words[index]}${word}`);
  return [...new Set([...words, ...pairs, ...(words.length > 0 ? [words.join('')] : [])])];
}

function patternsOf(text: string): readonly { readonly pattern: RegExp; readonly line: number }[] {
  const found: { pattern: RegExp; line: number }[] = [];
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const pattern = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      found.push({ pattern, line: file.getLineAndCharacterOfPosition(node.end).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function report(found: { where: string; unit?: string } | 'end'): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
