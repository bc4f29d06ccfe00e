import { execa } from 'execa';
import { expect, it } from 'vitest';
import { root } from '../support/build.ts';

it('npm run bench -- pipeline loses no stage and runs none twice', async () => {
  const { stdout } = await execa(process.execPath, ['bench/main.ts', 'pipeline'], {
    cwd: root,
    env: { STAGES: '31' },
  });
  const measured = JSON.parse(stdout.split('\n').at(-1)!) as Record<string, number>;
  expect(Object.keys(measured)).toEqual([
    'stages',
    'lost',
    'doubled',
    'seconds',
    'historyEvents',
    'historyBytes',
    'workerRssMiB',
  ]);
  expect(measured).toMatchObject({ stages: 31, lost: 0, doubled: 0 });
  expect(Math.min(measured['historyEvents']!, measured['historyBytes']!, measured['workerRssMiB']!)).toBeGreaterThan(0);
});
