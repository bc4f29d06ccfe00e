import { execa } from 'execa';
import { expect, it } from 'vitest';
import { scenarios } from '../component/golden/scenarios.ts';
import { root } from '../support/build.ts';

// Those that other tests need as well; of the rest `node test/component/golden/record.ts --check`.
it.each(['3.5.9', '4.1.4'])('spark-submit %s still sends what is recorded', async (version) => {
  // Ends with 1 where a new recording differs from the stored one.
  const { stdout } = await execa(process.execPath, ['test/component/golden/record.ts', '--check', version], {
    cwd: root,
  });
  const made = Object.keys(scenarios).map((scenario) => `${version} ${scenario}`);
  expect(made.length).toBeGreaterThan(50);
  expect(stdout.split('\n').toSorted()).toEqual(made.toSorted());
});
