import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationState } from '../../src/protocol/index.ts';

const states: readonly string[] = Object.values(ApplicationState);

/** `FROM TO` of each row of the table of docs/lifecycle.md; a cell may name several states. */
export function documentedTransitions(): ReadonlySet<string> {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'lifecycle.md'), 'utf8');
  const lines = page.split('\n');
  const head = lines.findIndex((line) => /^\| from +\| by +\| to +\|/.test(line));
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'));
  const pairs = lines.slice(head + 2, end).flatMap((line) => {
    const [, from = '', , to = ''] = line.split('|').map((cell) => cell.trim());
    return named(from).flatMap((one) => named(to).map((other) => `${one} ${other}`));
  });
  return new Set(pairs.filter((pair) => new Set(pair.split(' ')).size === 2));
}

function named(cell: string): string[] {
  const names = cell.split(', ');
  const unknown = names.find((name) => !states.includes(name));
  if (unknown !== undefined) throw new Error(`docs/lifecycle.md: "${unknown}" is not a state`);
  return names;
}
