import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from '../support/build.ts';

const run = promisify(execFile);

it('the real spark-submit still sends what is recorded', async () => {
  const scenarios = ['java', 'driver-template', 'volume-on-demand'];
  // Ends with 1 where a new recording differs from the stored one.
  const { stdout } = await run(process.execPath, ['test/golden/record.ts', '--check', '4.1.4', ...scenarios], {
    cwd: root,
  });
  expect(stdout.trim().split('\n').sort()).toEqual(scenarios.map((scenario) => `4.1.4 ${scenario}`).sort());
});
