import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scenarios } from '../golden/scenarios.ts';
import { root } from '../support/build.ts';

const run = promisify(execFile);

/** Some four seconds of CPU each, so not all of them: those take `node test/golden/record.ts --check 4.1.4`. */
const ONE_IN = 10;
/** Which of them: 0 to 9. */
const seed = Number(process.env['TEMPORAL_SPARK_RECORDER_SEED'] ?? 0);

it(`the real spark-submit still sends what is recorded (a sample, with seed ${seed})`, async () => {
  const sample = Object.keys(scenarios).filter((_, index) => index % ONE_IN === seed);
  expect(sample.length).toBeGreaterThan(4);
  // Ends with 1 where a new recording differs from the stored one.
  const { stdout } = await run(process.execPath, ['test/golden/record.ts', '--check', '4.1.4', ...sample], {
    cwd: root,
  });
  expect(stdout.trim().split('\n').sort()).toEqual(sample.map((scenario) => `4.1.4 ${scenario}`).sort());
});
