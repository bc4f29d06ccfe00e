import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { RealModeSupport } from '../../lab/real/support.ts';

/** What a process that runs with less than this one has is answered. */
async function askWith(...restriction: readonly string[]): Promise<RealModeSupport> {
  const module = new URL('../../lab/real/support.ts', import.meta.url).href;
  const script = `console.log(JSON.stringify(await (await import('${module}')).realModeSupport()))`;
  const { stdout } = await execa('setpriv', [...restriction, process.execPath, '--input-type=module', '-e', script]);
  return JSON.parse(stdout) as RealModeSupport;
}

test('real mode can run here', async () => {
  expect(await askWith()).toEqual({ supported: true });
});

test.each([
  [['--reuid=65534', '--clear-groups'], 'it needs root.'],
  [['--bounding-set=-sys_admin'], 'unshare failed: Operation not permitted'],
  [['--bounding-set=-net_admin'], 'RTNETLINK answers: Operation not permitted'],
])('with %j it cannot, and the reason is reported', async (restriction, reason) => {
  expect(await askWith(...restriction)).toEqual({
    supported: false,
    reason: expect.stringContaining(reason) as string,
  });
});
