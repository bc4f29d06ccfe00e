import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scenarios } from '../golden/scenarios.ts';
import { root } from '../support/build.ts';

const run = promisify(execFile);

// Those that other tests need as well; of the rest `node test/golden/record.ts --check`.
it.each(['3.5.9', '4.1.4'])('spark-submit %s still sends what is recorded', async (version) => {
  // Ends with 1 where a new recording differs from the stored one.
  const { stdout } = await run(process.execPath, ['test/golden/record.ts', '--check', version], { cwd: root });
  const made = Object.keys(scenarios).map((scenario) => `${version} ${scenario}`);
  expect(made.length).toBeGreaterThan(50);
  expect(stdout.trim().split('\n').toSorted()).toEqual(made.toSorted());
});
