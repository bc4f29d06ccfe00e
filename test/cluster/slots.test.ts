import { expect, it } from 'vitest';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('slots');
const names = Array.from({ length: 8 }, (_, index) => `long-${index + 1}`);

it('a kill is carried out within ten seconds, and an end recorded, by a worker that waits for more drivers than it has slots', async () => {
  const { env, pi, driverOf } = cluster;
  await withWorker(
    env,
    async () => {
      const applications = await Promise.all(names.map((name) => env.spark.start(pi(name, RUN_FOREVER))));
      await eventually('all to run', async () => {
        const all = await Promise.all(applications.map((application) => application.describe()));
        return all.every(({ status }) => status?.state === 'RUNNING');
      });
      expect(await (await env.spark.start(pi('short'))).result()).toMatchObject({ state: 'COMPLETED' });
      const [first, ...others] = applications;
      await first!.kill();
      const isStopped = async () => {
        const driver = await driverOf(names[0]!);
        return driver === undefined || driver.metadata!.deletionTimestamp !== undefined;
      };
      await eventually('the driver of the one that is killed to be deleted', isStopped, { timeoutMs: 10_000 });
      await Promise.all(others.map((application) => application.kill()));
      for (const application of applications) {
        expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED' });
      }
    },
    { slots: 4 },
  );
});
