import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { chartObjects, grantsOf, requestsOf } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { sharedLab } from '../support/lab-fixture.ts';
import { PatchType, Resources, type CustomObject } from '../../src/kubernetes/index.ts';
import { asList, asRecord } from '../../src/validation/unknown-data.ts';
import { sparkConnect } from '../support/connects.ts';
import { installGrpcRoutes } from '../support/crds.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { useOperator, useSchedules } from '../support/operator-fixture.ts';

const applications = { clusterWide: true };
const values = { applications: { ...applications, rights: { ingresses: true } }, operator: { enabled: true } };
const cluster = useCluster('operator-rights', { rights: 'chart', values, worker: {} });
const { start, apply, edit, get, inState } = useOperator(cluster);
const schedules = useSchedules(cluster);
const scheduleId = () => `spark/${cluster.env.namespace}/yearly`;

const isExposed = ({ type }: Readonly<Record<string, unknown>>): boolean => type === 'Exposed';

beforeAll(() => start());
afterAll(() => cluster.env.client.schedule.getHandle(scheduleId()).delete());

/** What `operator.enabled` adds to the rights of the workers, with all that it can. */
async function added(): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-rights-'));
  const [without, all] = await Promise.all(
    [{ applications }, values].map(async (each, index) =>
      grantsOf(await chartObjects({ namespace: `n-${index}`, values: each, directory }), 'temporal-spark'),
    ),
  );
  // This one no request shows: an admission plugin of the API server asks for it.
  const plugin = 'update sparkoperator.k8s.io/sparkapplications/finalizers';
  expect(all).toContain(plugin);
  return [...all!].filter((grant) => !without!.has(grant) && grant !== plugin);
}

it('uses each right that operator.enabled adds, and lacks none: one less would be refused', async () => {
  const submission = async () => (await inState('twice', 'COMPLETED')).status!['submissionID'];
  await apply(cluster.pi('twice'));
  const first = await submission();
  await edit('twice', { arguments: ['5'] });
  await eventually('its second run', async () => (await submission()) !== first);
  await edit('twice', { timeToLiveSeconds: 0 });
  await eventually('the resource to go', async () => (await get('twice')) === undefined);

  await schedules.apply('yearly', { schedule: '0 0 1 1 *' });
  await schedules.until('yearly', ({ scheduleState }) => scheduleState === 'Scheduled');
  const range = { from: new Date('2025-12-31T12:00:00Z'), to: new Date('2026-01-01T12:00:00Z') };
  await cluster.env.spark.schedules.backfill(scheduleId(), range);
  const { lastRunName } = await schedules.until('yearly', (status) => typeof status['lastRunName'] === 'string');
  await inState(String(lastRunName), 'COMPLETED');

  const { kubernetes, namespace } = cluster.env;
  await installGrpcRoutes(kubernetes);
  const server = { memory: '512m', template: { metadata: { annotations: RUN_FOREVER } } };
  const [address, other] = ['sc://adhoc.example.org:80', 'sc://other.example.org:80'];
  const annotations = { 'temporal-spark/address': address };
  const session = sparkConnect('adhoc', { namespace, annotations, spec: { server } });
  await kubernetes.create(Resources.sparkConnects, session as unknown as CustomObject);
  await inState('adhoc-server', 'RUNNING');
  // The second edit finds the Service.
  const change = { spec: { sparkConf: { 'spark.sql.shuffle.partitions': '7' } } };
  await kubernetes.patch(Resources.sparkConnects, namespace, 'adhoc', PatchType.Merge, change);
  // An edit of either kind finds the object, and the other kind replaces it.
  for (const [wanted, gateway, reason] of [
    [other, null, 'IngressWritten'],
    [other, 'public', 'GRPCRouteWritten'],
    [address, 'public', 'GRPCRouteWritten'],
    [null, null, undefined],
  ] as const) {
    const edited = { 'temporal-spark/address': wanted, 'temporal-spark/gateway': gateway };
    await kubernetes.patch(Resources.sparkConnects, namespace, 'adhoc', PatchType.Merge, {
      metadata: { annotations: edited },
    });
    await eventually(`the route ${reason} of ${wanted}`, async () => {
      const found = await kubernetes.get(Resources.sparkConnects, namespace, 'adhoc');
      const shown = asRecord(asList(found?.status?.['conditions']).map(asRecord).find(isExposed));
      return shown['reason'] === reason && shown['message'] === (wanted ?? undefined);
    });
  }

  const rights = await added();
  expect(rights).not.toEqual([]);
  const { auditLog } = sharedLab();
  const user = `system:serviceaccount:${namespace}:${namespace}-temporal-spark`;
  await eventually(`requests with ${rights.join(', ')}`, async () => {
    const used = await requestsOf(auditLog, user);
    const unused = rights.filter((right) => !used.has(right));
    if (unused.length > 0) throw new Error(`unused: ${unused.join(', ')}`);
    return true;
  });
  // What is done as far as it can be, such as an Event, fails nothing else.
  expect([...(await requestsOf(auditLog, user, 'forbidden'))]).toEqual([]);
});
