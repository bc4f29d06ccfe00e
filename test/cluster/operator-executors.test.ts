import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { sharedLab } from '../support/lab-fixture.ts';
import { useOperator } from '../support/operator-fixture.ts';

const values = { applications: { clusterWide: true }, operator: { enabled: true } };
const cluster = useCluster('executors', { rights: 'chart', values, worker: {} });
const operator = useOperator(cluster);
/** Pods with it have no simulated kubelet. */
const UNATTENDED = { 'lab.temporal-spark/unattended': 'true' };

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.connect(sharedLab().kubeconfig);
  await operator.start();
});
afterAll(() => api?.close());

/** What a kubelet would report of a pod. */
const report = (pod: string, container: string, phase: string, state: object) =>
  api.text('PATCH', `/api/v1/namespaces/${cluster.env.namespace}/pods/${pod}/status`, {
    status: {
      phase,
      containerStatuses: [{ name: container, image: 'spark', imageID: '', restartCount: 0, ready: true, state }],
    },
  });

const executorState = async (name: string) => (await operator.get(name))?.status?.['executorState'];

/** Reason and number of each Event about a resource. */
async function eventsOf(name: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const fieldSelector = `involvedObject.kind=SparkApplication,involvedObject.name=${name}`;
  for await (const page of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace, { fieldSelector })) {
    for (const { reason = '', count = 1 } of page) counts[reason] = (counts[reason] ?? 0) + count;
  }
  return counts;
}

it('the status has the state of each executor, the Events have them, and the history has nothing of them', async () => {
  const { kubernetes, namespace, client } = cluster.env;
  await operator.apply(cluster.pi('pi', UNATTENDED));
  const driver = await eventually('the driver to be scheduled', async () => {
    const pod = await cluster.driverOf('pi');
    return pod?.spec?.nodeName !== undefined && pod;
  });
  await report('pi-driver', 'spark-kubernetes-driver', 'Running', { running: { startedAt: '2026-11-30T03:00:00Z' } });
  await operator.inState('pi', 'RUNNING');
  for (const name of ['pi-exec-1', 'pi-exec-2']) {
    await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...{ name, namespace, annotations: UNATTENDED },
        labels: { ...driver.metadata!.labels, 'spark-role': 'executor' },
      },
      spec: { serviceAccountName: 'spark', containers: [{ name: 'executor', image: 'spark' }] },
    });
  }
  await report('pi-exec-1', 'executor', 'Running', { running: {} });
  await report('pi-exec-2', 'executor', 'Failed', { terminated: { exitCode: 1 } });
  await eventually('their states', async () => {
    const expected = { 'pi-exec-1': 'RUNNING', 'pi-exec-2': 'FAILED' };
    return JSON.stringify(await executorState('pi')) === JSON.stringify(expected);
  });
  await report('pi-driver', 'spark-kubernetes-driver', 'Succeeded', { terminated: { exitCode: 0 } });
  const { status } = await operator.inState('pi', 'COMPLETED');
  expect(status).toMatchObject({ executorState: { 'pi-exec-1': 'COMPLETED', 'pi-exec-2': 'FAILED' } });
  await eventually('the Events', async () => {
    const { SparkDriverCompleted, SparkExecutorFailed } = await eventsOf('pi');
    return SparkDriverCompleted !== undefined && SparkExecutorFailed !== undefined;
  });
  expect(await eventsOf('pi')).toMatchObject({
    ...{ SparkApplicationSubmitted: 1, SparkDriverRunning: 1, SparkDriverCompleted: 1 },
    ...{ SparkExecutorFailed: 1, SparkExecutorCompleted: 1 },
  });
  const { events } = await client.workflow.getHandle(`spark/${namespace}/pi`).fetchHistory();
  const activities = events!.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
  expect(activities).toEqual([
    ...['submitSparkApplication', 'waitForSparkDriver', 'waitForSparkDriver', 'finalizeSparkApplication'],
  ]);
});

it('a failed application has the Events of its driver and of itself, counted over its attempts', async () => {
  const manifest = cluster.pi('fails', { 'lab.temporal-spark/exit-code': '3' });
  manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
  await operator.apply(manifest);
  await operator.inState('fails', 'FAILED');
  await eventually('the Events', async () => {
    const events = await eventsOf('fails');
    return events['SparkApplicationFailed'] === 1 && events['SparkDriverFailed'] === 2 && events;
  });
  expect(await eventsOf('fails')).toMatchObject({ SparkApplicationSubmitted: 2, SparkApplicationPendingRerun: 1 });
});
