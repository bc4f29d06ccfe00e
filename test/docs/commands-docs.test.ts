import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandsFile, renderCommands } from '../../scripts/commands.ts';

it('documents every command as its help does: node scripts/commands.ts writes it again', () => {
  expect(readFileSync(commandsFile, 'utf8')).toBe(renderCommands());
});
