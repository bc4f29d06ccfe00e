import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scenarios } from '../golden/scenarios.ts';
import { root } from '../support/build.ts';

const run = promisify(execFile);

/** Some four seconds of CPU for each scenario, so one version; of the others `node test/golden/record.ts --check`. */
const VERSION = '4.1.4';

it(`spark-submit ${VERSION} still sends what is recorded`, { timeout: 1_800_000 }, async () => {
  // Ends with 1 where a new recording differs from the stored one.
  const { stdout } = await run(process.execPath, ['test/golden/record.ts', '--check', VERSION], { cwd: root });
  const made = Object.keys(scenarios).map((scenario) => `${VERSION} ${scenario}`);
  expect(made.length).toBeGreaterThan(50);
  expect(stdout.trim().split('\n').sort()).toEqual(made.sort());
});
