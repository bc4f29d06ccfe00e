import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { OperatorReport } from '../../bench/operator/operator.ts';
import { root } from '../support/build.ts';

it('npm run bench -- operator measures resources next to the SDK: none is lost, and each takes five calls more at most', async () => {
  const sizes = ['--applications', '8', '--rounds', '1', '--held', '8', '--settle-seconds', '1'];
  const { stdout } = await execa(process.execPath, ['bench/main.ts', 'operator', ...sizes], { cwd: root });
  const { figures } = JSON.parse(stdout.split('\n').at(-1)!) as OperatorReport;
  for (const count of ['burst.failed', 'burst.lost', 'burst.doubled', 'held.lost', 'held.doubled']) {
    expect(figures[count]).toMatchObject({ median: 0 });
  }
  for (const more of ['burst.perMinute', 'burst.ofSdk', 'burst.sdkCalls', 'held.rss', 'held.caughtUp']) {
    expect(figures[more]?.median).toBeGreaterThan(0);
  }
  // Three writes of the status and three Events more, one read less.
  expect(figures['burst.callsMore']?.median).toBeLessThanOrEqual(5);
});
