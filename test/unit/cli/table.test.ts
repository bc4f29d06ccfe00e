import { expect, it } from 'vitest';
import { table } from '../../../src/cli/output/table.ts';

it('a table has a line for each row, without control characters', () => {
  expect(table(['STATE', 'CAUSE'], [['FAILED', 'a\nb\u001b[31mc']])).toEqual(['STATE   CAUSE', 'FAILED  a b [31mc']);
});
