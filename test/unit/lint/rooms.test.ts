import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rooms } from '../../../eslint.rooms.ts';

const ASSEMBLY = 'the assembly';
const architecture = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'architecture.md'), 'utf8');

const named = (name: string): string => (name === ASSEMBLY ? 'assembly' : name);
const names = (cell: string): string[] => (cell === '' ? [] : cell.split(', ').map(named).sort());

/** The table of the rooms as docs/architecture.md has it. */
function documented(): Record<string, { values: string[]; types: string[] }> {
  const [, table = ''] = /^\| room +\| may import .*\n\|.*\n((?:\|.*\n)+)/m.exec(architecture) ?? [];
  const rows = table.trim().split('\n');
  return Object.fromEntries(
    rows.map((row) => {
      const [room = '', values = '', types = ''] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [named(room.replaceAll(/[`/]/g, '')), { values: names(values), types: names(types) }];
    }),
  );
}

it('docs/architecture.md has the same rooms and arrows as the linter', () => {
  const sorted = Object.entries(rooms).map(([room, { values, types }]) => [
    room,
    { values: [...values].sort(), types: [...types].sort() },
  ]);
  expect(documented()).toEqual(Object.fromEntries(sorted));
});

it('rooms import each other in one direction only', () => {
  const reachable = (from: string, seen = new Set<string>()): Set<string> => {
    const { values, types } = rooms[from as keyof typeof rooms];
    for (const next of [...values, ...types]) {
      if (seen.has(next)) continue;
      seen.add(next);
      reachable(next, seen);
    }
    return seen;
  };
  expect(Object.keys(rooms).filter((room) => reachable(room).has(room))).toEqual([]);
});
