import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources, type CustomObject, type KubernetesClient } from '../../src/kubernetes/index.ts';
import { Operator } from '../../src/operator/index.ts';
import { asList, asRecord } from '../../src/validation/unknown-data.ts';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { sparkConnect } from '../support/connects.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { useOperator } from '../support/operator-fixture.ts';

// The rights of the chart are enough for all of it.
const values = { applications: { clusterWide: true }, operator: { enabled: true } };
const cluster = useCluster('connect', { rights: 'chart', values, worker: {} });
const { get: server, inState } = useOperator(cluster);

/** What simulated servers report: by name of the pod, whether a query runs. */
const busy = new Set<string>();
let operator: Operator;

/** An operator as after a restart. */
async function startOperator(): Promise<Operator> {
  const { taskQueue, client, worker, namespace } = cluster.env;
  const getFromPod: KubernetesClient['getFromPod'] = async (_namespace, pod, _port, path) =>
    JSON.stringify(busy.has(pod) && path.includes('/jobs') ? [{ status: 'RUNNING' }] : []);
  const kubernetes = Object.create(worker!.kubernetes, { getFromPod: { value: getFromPod } }) as KubernetesClient;
  const backoff = { initialMs: 50, maximumMs: 1_000 };
  return Operator.start(client, kubernetes, { taskQueue, namespaces: [namespace], backoff });
}

beforeAll(async () => (operator = await startOperator()));
afterAll(() => operator?.stop());

const template = { metadata: { annotations: RUN_FOREVER }, spec: { serviceAccountName: 'spark' } };

function apply(name: string, annotations: Record<string, string> = {}): Promise<CustomObject> {
  const spec = { server: { cores: 1, memory: '512m', template } };
  const manifest = sparkConnect(name, { namespace: cluster.env.namespace, annotations, spec });
  return cluster.env.kubernetes.create(Resources.sparkConnects, manifest as unknown as CustomObject);
}

const edit = (name: string, change: object) =>
  cluster.env.kubernetes.patch(Resources.sparkConnects, cluster.env.namespace, name, PatchType.Merge, change);
const get = (name: string) => cluster.env.kubernetes.get(Resources.sparkConnects, cluster.env.namespace, name);
const podOf = (name: string) => cluster.env.kubernetes.get(Resources.pods, cluster.env.namespace, `${name}-server`);
const serviceOf = (name: string) =>
  cluster.env.kubernetes.get(Resources.services, cluster.env.namespace, `${name}-server`);
const conditionOf = (object: CustomObject, type: string) =>
  asList(object.status?.['conditions'])
    .map(asRecord)
    .find((condition) => condition['type'] === type);

/** The resource, once it has that state. */
const until = (name: string, state: string) =>
  eventually(`${name} to be ${state}`, async () => {
    const object = await get(name);
    return object?.status?.['state'] === state && object;
  });

const requestedAt = (time = new Date()) => ({
  metadata: { annotations: { 'temporal-spark/requested-at': time.toISOString() } },
});

describe('a SparkConnect that is applied', () => {
  it('has a server, a Service with its ports, and a status that shows both', async () => {
    const { metadata } = await apply('adhoc');
    const { status } = await until('adhoc', 'Ready');
    expect(status).toMatchObject({
      server: { podName: 'adhoc-server', podIp: expect.any(String) as string, serviceName: 'adhoc-server' },
      startTime: expect.any(String) as string,
    });
    const { spec } = (await serviceOf('adhoc'))!;
    expect(spec!.ports!.map(({ port }) => port)).toEqual([7078, 7079, 4040, 15002]);
    const { metadata: pod } = (await podOf('adhoc'))!;
    expect(pod!.labels).toMatchObject(spec!.selector!);
    const application = await inState('adhoc-server', 'RUNNING');
    expect(application.metadata!.ownerReferences).toMatchObject([{ kind: 'SparkConnect', uid: metadata!.uid }]);
  });

  it('has another server after the end of one, and the same Service', async () => {
    const before = (await serviceOf('adhoc'))!.metadata!.uid;
    const { uid } = (await podOf('adhoc'))!.metadata!;
    await cluster.env.kubernetes.delete(Resources.pods, cluster.env.namespace, 'adhoc-server', { uid: uid! });
    await eventually('another server', async () => {
      const pod = await podOf('adhoc');
      return pod !== undefined && pod.metadata!.uid !== uid;
    });
    await until('adhoc', 'Ready');
    expect((await serviceOf('adhoc'))!.metadata!.uid).toBe(before);
  });

  it('has another server after an edit', async () => {
    await edit('adhoc', { spec: { sparkConf: { 'spark.sql.shuffle.partitions': '7' } } });
    await eventually('the edit in the server', async () => {
      const { spec } = (await server('adhoc-server'))!;
      return JSON.stringify(spec).includes('"spark.sql.shuffle.partitions":"7"');
    });
    await until('adhoc', 'Ready');
  });

  it('is a name that shells complete, with its namespace where connect does not know that', async () => {
    const { kubeconfig, namespace } = cluster.env;
    // Nothing is offered where the API server takes longer than a person waits.
    const completed = (...words: string[]) =>
      eventually(`names for ${words.join(' ')}`, async () => {
        const { stdout } = await cli(['complete', '--', 'connect', ...words], { env: { KUBECONFIG: kubeconfig } });
        return stdout !== '' && stdout;
      });
    expect(await completed('-n', namespace, 'adh')).toMatch(/^adhoc\t(Ready|Provisioning|NotReady)\n$/);
    expect(await completed(`${namespace}/adh`)).toContain(`${namespace}/adhoc\t`);
  });

  it('is served without its Ingress where the workers may not create that, and states the remedy', async () => {
    await edit('adhoc', { metadata: { annotations: { 'temporal-spark/address': 'sc://adhoc.example.org:80' } } });
    const condition = await eventually('the refusal', async () => {
      const found = conditionOf((await get('adhoc'))!, 'Exposed');
      return found !== undefined && found;
    });
    expect(condition).toMatchObject({ status: 'False', reason: 'IngressNotWritten' });
    expect(condition['message']).toMatch(/forbidden.*; set applications\.rights\.ingresses: true in the chart$/s);
    await edit('adhoc', { metadata: { annotations: { 'temporal-spark/address': null } } });
    await eventually('no route', async () => conditionOf((await get('adhoc'))!, 'Exposed') === undefined);
    await until('adhoc', 'Ready');
  });

  it('is deleted with its server, its Service and its driver', async () => {
    const { kubernetes, namespace } = cluster.env;
    await kubernetes.delete(Resources.sparkConnects, namespace, 'adhoc', { propagationPolicy: 'Background' });
    await eventually('all to go', async () => {
      const left = await Promise.all([get('adhoc'), server('adhoc-server'), serviceOf('adhoc'), podOf('adhoc')]);
      return left.every((each) => each === undefined);
    });
  });

  it('that is invalid is Failed with every problem, and is served once it is corrected', async () => {
    await apply('wrong', { 'temporal-spark/idle-seconds': 'soon' });
    const failed = await until('wrong', 'Failed');
    expect(conditionOf(failed, 'ServerPodReady')).toMatchObject({
      message: expect.stringContaining('temporal-spark/idle-seconds') as string,
    });
    expect(await server('wrong-server')).toBeUndefined();
    await edit('wrong', { metadata: { annotations: { 'temporal-spark/idle-seconds': null } } });
    await until('wrong', 'Ready');
  });
});

describe('a session that is idle', () => {
  const idleSeconds = { 'temporal-spark/idle-seconds': '1' };

  it('is stopped, and starts again at the next request, also after a restart of the operator', async () => {
    await apply('idle', idleSeconds);
    const stopped = await eventually('the server to be stopped', async () => {
      const object = await get('idle');
      return object !== undefined && conditionOf(object, 'Idle')?.['status'] === 'True' && object;
    });
    expect(stopped.status).toMatchObject({ state: 'NotReady' });
    await inState('idle-server', 'SUSPENDED');
    await operator.stop();
    busy.add('idle-server');
    await edit('idle', requestedAt());
    operator = await startOperator();
    const ready = await until('idle', 'Ready');
    expect(conditionOf(ready, 'Idle')).toMatchObject({ status: 'False' });
  });

  it('is not stopped while a query runs', async () => {
    busy.add('busy-server');
    await apply('busy', idleSeconds);
    await until('busy', 'Ready');
    const { uid } = (await podOf('busy'))!.metadata!;
    await eventually('the query to end', async () => {
      const since = asRecord(conditionOf((await get('busy'))!, 'ServerPodReady'))['lastTransitionTime'];
      return Date.now() - Date.parse(String(since)) > 4_000;
    });
    expect((await podOf('busy'))!.metadata!.uid).toBe(uid);
    busy.delete('busy-server');
    await inState('busy-server', 'SUSPENDED');
  });
});
