import { afterEach, describe, expect, it, vi } from 'vitest';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('clock-skew');
const { pi, runningDriver } = cluster;
const MINUTE = 60_000;

afterEach(() => void vi.useRealTimers());

// Only this process has the other clock: not Temporal, not the API server, not the nodes.
describe.each([
  ['ahead', 10 * MINUTE],
  ['behind', -10 * MINUTE],
])('a worker whose clock is ten minutes %s', (direction, skew) => {
  it('ends a driver at its deadline, and sees how it ended', async () => {
    const manifest = pi(`timely-${direction}`, RUN_FOREVER);
    manifest.metadata.annotations = {
      'temporal-spark/running-deadline': '4s',
      'temporal-spark/pending-deadline': '60s',
    };
    vi.useFakeTimers({ now: Date.now() + skew, toFake: ['Date'], shouldAdvanceTime: true });
    await withWorker(cluster.env, async () => {
      const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
      expect(result).toMatchObject({ reason: 'RunningDeadlineExceeded', exitCode: 143 });
      const ranMs = Date.parse(result!.finishedAt) - Date.parse(result!.startedAt!);
      expect(ranMs).toBeGreaterThanOrEqual(3_000);
    });
  });

  it('does not take a driver that is being stopped for lost', async () => {
    vi.useFakeTimers({ now: Date.now() + skew, toFake: ['Date'], shouldAdvanceTime: true });
    await withWorker(cluster.env, async () => {
      const application = await cluster.env.spark.start(pi(`killed-${direction}`, RUN_FOREVER));
      await runningDriver(`killed-${direction}`);
      await application.kill();
      expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED', exitCode: 143 });
    });
  });
});
