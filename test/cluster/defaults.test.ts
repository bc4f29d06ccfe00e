import { expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { parseDefaults, TeamDefaults } from '../../src/worker.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('defaults');
const { pi, runningDriver, driverOf } = cluster;

/** Without an image. */
function bare(name: string) {
  const { spec, ...rest } = pi(name, RUN_FOREVER);
  const { image: _image, ...others } = spec;
  return { ...rest, spec: others };
}

it('an application without an image runs with the defaults of its worker; the next attempt gets new ones', async () => {
  const rules = [
    { name: 'base', set: { image: 'team:1', timeToLiveSeconds: 3600, labels: { cost: 'a' } } },
    { name: 'memory', set: { sparkConf: { 'spark.executor.cores': '2' } } },
  ];
  const defaults = new TeamDefaults(parseDefaults({ rules }));
  await withWorker(
    cluster.env,
    async () => {
      const application = await cluster.env.spark.start(bare('complete'));
      const driver = await runningDriver('complete');
      expect(driver.spec!.containers[0]!.image).toBe('team:1');
      expect(driver.metadata!.labels).toMatchObject({ cost: 'a' });
      expect(driver.metadata!.annotations).toMatchObject({ 'temporal-spark/time-to-live-seconds': '3600' });
      defaults.exchange(parseDefaults({ rules: [{ name: 'new', set: { image: 'team:2' } }] }));
      await application.restart();
      await eventually('the next attempt', async () => {
        return (await driverOf('complete'))?.spec?.containers[0]?.image === 'team:2';
      });
      await application.kill();
      await failureOf(application.result());
    },
    { defaults },
  );
});

it('an application without an image is refused once where no default has one', async () => {
  const rules = [{ name: 'labels', set: { labels: { cost: 'a' } } }];
  await withWorker(
    cluster.env,
    async () => {
      const application = await cluster.env.spark.start(bare('imageless'));
      expect((await failureOf(application.result())).result).toMatchObject({
        ...{ state: 'FAILED', reason: 'SubmissionRefused', attempts: 1 },
        message: expect.stringContaining('rules that match it: "labels"') as string,
      });
    },
    { defaults: new TeamDefaults(parseDefaults({ rules })) },
  );
});
