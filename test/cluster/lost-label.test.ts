import { expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources } from '../../src/kubernetes/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('lost-label', { rights: 'chart', worker: {} });
const { pi, driverOf, runningDriver } = cluster;

it('a driver whose label is removed while it runs is waited for, and its end is recorded', async () => {
  const { env } = cluster;
  const application = await env.spark.start(pi('unlabelled', RUN_FOREVER));
  const { metadata } = await runningDriver('unlabelled');
  const path = `/metadata/labels/${Label.SubmissionId.replaceAll('/', '~1')}`;
  const { kubernetes, namespace } = env;
  await kubernetes.patch(Resources.pods, namespace, 'unlabelled-driver', PatchType.Json, [{ op: 'remove', path }]);
  await kubernetes.delete(Resources.pods, namespace, 'unlabelled-driver', { uid: metadata!.uid! });
  expect((await failureOf(application.result())).result).toMatchObject({ state: 'FAILED', exitCode: 143, attempts: 1 });
  await eventually('the pod to go', async () => (await driverOf('unlabelled')) === undefined);
});
