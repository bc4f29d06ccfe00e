import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { HOUSEKEEPING_WORKFLOW, type SweepReport } from '../../src/protocol/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';

const cluster = useCluster('housekeeping-stops', { rights: 'chart', worker: {} });

const keepHouse = () =>
  cluster.env.client.workflow.execute(HOUSEKEEPING_WORKFLOW, {
    workflowId: `housekeeping-${randomUUID()}`,
    taskQueue: cluster.env.taskQueue,
    args: [{ namespace: cluster.env.namespace, graceMs: 0 }],
  }) as Promise<SweepReport>;

/** As a submission makes it whose answer was lost for longer than its workflow waited. */
async function lateDriver(workflowId: string, firstRunId: string): Promise<Pod> {
  const { kubernetes, namespace } = cluster.env;
  return kubernetes.create(Resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'orphan-driver',
      namespace,
      labels: { [Label.SubmissionId]: randomUUID(), 'spark-role': 'driver' },
      annotations: {
        [Annotation.TemporalNamespace]: 'default',
        [Annotation.WorkflowId]: workflowId,
        [Annotation.FirstRunId]: firstRunId,
        'lab.temporal-spark/run-seconds': 'forever',
      },
      finalizers: [DRIVER_FINALIZER],
    },
    spec: { containers: [{ name: 'spark-kubernetes-driver', image: 'spark' }] },
  });
}

it('housekeeping deletes a driver whose workflow ended by itself, records it, and releases it once it has ended', async () => {
  const { env, pi, driverOf } = cluster;
  const manifest = pi('orphan');
  manifest.spec.suspend = true;
  const application = await env.spark.start(manifest);
  await eventually('it to be SUSPENDED', async () => (await application.describe()).status?.state === 'SUSPENDED');
  await application.kill();
  await failureOf(application.result());
  const { metadata } = await lateDriver(application.workflowId, application.runId);
  await eventually('the driver to run', async () => (await driverOf('orphan'))?.status?.phase === 'Running');

  expect(await keepHouse()).toMatchObject({ drivers: 1, stopped: 1, released: 0, problems: [] });
  const messages: string[] = [];
  for await (const page of env.kubernetes.list(Resources.events, env.namespace)) {
    const own = page.filter(({ reason, involvedObject }) => {
      return reason === 'DriverStopped' && involvedObject.uid === metadata!.uid;
    });
    messages.push(...own.map(({ message = '' }) => message));
  }
  expect(messages).toEqual([expect.stringContaining(`its workflow ${application.workflowId} is CANCELLED`)]);

  await eventually('the driver to end', async () => (await driverOf('orphan'))?.status?.phase === 'Failed');
  expect(await keepHouse()).toMatchObject({ drivers: 1, stopped: 0, released: 1, problems: [] });
  await eventually('the driver to go', async () => (await driverOf('orphan')) === undefined);
});
