import { expect, it } from 'vitest';
import { submitDuringRestarts } from '../support/api-server-restarts.ts';
import { privateLab } from '../support/lab-fixture.ts';

it('an API server that restarts refuses submissions while it starts, and all of them complete', async () => {
  const ends = await submitDuringRestarts(await privateLab(), 2);
  expect(ends).toHaveLength(12);
  expect(ends.filter((end) => !end.endsWith(' COMPLETED'))).toEqual([]);
});
