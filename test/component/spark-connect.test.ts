import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import {
  KubernetesErrorType,
  PatchType,
  Resources,
  type CustomObject,
  type KubernetesClient,
} from '../../src/kubernetes/index.ts';
import { ConnectOperator } from '../../src/operator/connect/connect-operator.ts';
import { asList, asRecord } from '../../src/validation/unknown-data.ts';
import { sparkConnect } from '../support/connects.ts';
import { MemoryCluster } from '../support/memory-cluster.ts';

const { sparkApplications, sparkConnects, services, pods, ingresses, grpcRoutes } = Resources;
let cluster: MemoryCluster;
let kubernetes: KubernetesClient;
let operators: ConnectOperator[];
/** What the server answers about its jobs. */
let jobs: () => unknown;

async function start(): Promise<ConnectOperator> {
  const backoff = { initialMs: 1, maximumMs: 5 };
  const operator = await ConnectOperator.start(kubernetes, { taskQueue: 'q', namespaces: ['etl'], backoff });
  operators.push(operator);
  return operator;
}

beforeEach(async () => {
  cluster = new MemoryCluster();
  jobs = () => [];
  kubernetes = cluster.client(async (_namespace, _pod, _port, path) =>
    JSON.stringify(path.includes('/jobs') ? jobs() : []),
  );
  operators = [];
  await start();
});
afterEach(async () => {
  for (const operator of operators) await operator.stop();
});

function apply(options: Parameters<typeof sparkConnect>[1] = {}): CustomObject {
  return cluster.put(sparkConnects, sparkConnect('adhoc', { namespace: 'etl', ...options }) as unknown as CustomObject);
}

const edit = (change: object) => kubernetes.patch(sparkConnects, 'etl', 'adhoc', PatchType.Merge, change);
const server = () => cluster.get(sparkApplications, 'etl', 'adhoc-server');
const status = () => asRecord(cluster.get(sparkConnects, 'etl', 'adhoc')?.status);
const message = () => String(asRecord(asList(status()['conditions'])[0])['message']);
const until = (state: string) => eventually(`${state}, not ${message()}`, () => status()['state'] === state);
const isSuspended = () => server()?.spec?.['suspend'] === true;

/** As the workflow of the server does. */
function serverIs(state: string): void {
  cluster.put(sparkApplications, { ...server()!, status: { applicationState: { state } } });
}

/** As the kubelet does. */
function runServer(): void {
  const labels = {
    ...{ 'sparkoperator.k8s.io/connect-name': 'adhoc', 'spark-role': 'driver', 'spark-app-selector': 'spark-1' },
  };
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date(Date.now() - 60_000).toISOString() };
  cluster.put(pods, {
    metadata: { namespace: 'etl', name: 'adhoc-server', labels },
    spec: { containers: [{ name: 'spark', ports: [{ name: 'spark-ui', containerPort: 4040 }] }] },
    status: { phase: 'Running', podIP: '10.0.0.7', conditions: [ready] },
  });
  serverIs('RUNNING');
}

describe('a session', () => {
  it('gets a Service and a SparkApplication, and is Ready once the server is', async () => {
    const { metadata } = apply();
    await until('Provisioning');
    await eventually('the server', () => server() !== undefined);
    expect(server()!.metadata!.ownerReferences).toMatchObject([{ uid: metadata!.uid }]);
    expect(cluster.get(services, 'etl', 'adhoc-server')).toBeDefined();
    runServer();
    await until('Ready');
    expect(status()).toMatchObject({
      server: { podName: 'adhoc-server', podIp: '10.0.0.7', serviceName: 'adhoc-server' },
    });
    cluster.remove(pods, 'etl', 'adhoc-server');
    await until('Provisioning');
  });

  it('that does not change is not written again, by any replica', async () => {
    apply();
    await eventually('the server', () => server() !== undefined);
    runServer();
    await until('Ready');
    const writes = cluster.writes.length;
    await start();
    cluster.put(pods, { ...cluster.get(pods, 'etl', 'adhoc-server')! });
    await eventually('the comparison', () => cluster.writes.length > writes);
    // A replica does not know the Service.
    expect(cluster.writes.slice(writes)).toEqual(['create Service adhoc-server', 'patch Service adhoc-server']);
  });

  it('that is edited hands the edit to its server', async () => {
    apply();
    await eventually('the server', () => server() !== undefined);
    await edit({ spec: { image: 'spark:4.1.5' } });
    await eventually('the edit', () => server()!.spec!['image'] === 'spark:4.1.5');
  });

  it('that is invalid has no server, and has one once it is corrected', async () => {
    apply({ annotations: { 'temporal-spark/idle-seconds': 'soon' } });
    await until('Failed');
    expect(message()).toContain('temporal-spark/idle-seconds');
    expect(server()).toBeUndefined();
    await edit({ metadata: { annotations: { 'temporal-spark/idle-seconds': '60' } } });
    await eventually('the server', () => server() !== undefined);
  });

  it.each([sparkApplications, services] as const)(
    'whose server has the name of another $kind is Failed',
    async (kind) => {
      cluster.put(kind, { metadata: { namespace: 'etl', name: 'adhoc-server' }, spec: {} });
      apply();
      await until('Failed');
      expect(message()).toContain('belongs to no session');
      expect(cluster.get(kind, 'etl', 'adhoc-server')!.spec).toEqual({});
    },
  );
});

describe('a session with an address', () => {
  const address = 'sc://adhoc.example.org:443/;use_ssl=true';
  const exposed = () =>
    asList(status()['conditions'])
      .map(asRecord)
      .find(({ type }) => type === 'Exposed');
  const ingress = () => cluster.get(ingresses, 'etl', 'adhoc-server');
  const route = () => cluster.get(grpcRoutes, 'etl', 'adhoc-server');
  const annotate = (annotations: Record<string, string | null>) => edit({ metadata: { annotations } });

  it('gets an Ingress that belongs to it, and shows the address in its status', async () => {
    const { metadata } = apply({ annotations: { 'temporal-spark/address': address } });
    await eventually('the address', () => exposed()?.['status'] === 'True');
    expect(exposed()).toMatchObject({ reason: 'IngressWritten', message: address });
    expect(ingress()!.metadata!.ownerReferences).toMatchObject([{ kind: 'SparkConnect', uid: metadata!.uid }]);
  });

  it('follows its annotations, without another server, and drops the route with them', async () => {
    apply({ annotations: { 'temporal-spark/address': address } });
    await eventually('the Ingress', () => ingress() !== undefined && server() !== undefined);
    const before = server();
    await annotate({ 'temporal-spark/address': 'sc://b.example.org:80' });
    await eventually('the edit', () => exposed()?.['message'] === 'sc://b.example.org:80');
    expect(ingress()!.spec).toMatchObject({ rules: [{ host: 'b.example.org' }] });
    expect(ingress()!.spec).not.toHaveProperty('tls');
    await annotate({ 'temporal-spark/gateway': 'public' });
    await eventually('the GRPCRoute', () => route() !== undefined && ingress() === undefined);
    await eventually('the status', () => exposed()?.['reason'] === 'GRPCRouteWritten');
    await annotate({ 'temporal-spark/address': null, 'temporal-spark/gateway': null });
    await eventually('the route to go', () => route() === undefined && exposed() === undefined);
    expect(server()).toEqual(before);
  });

  it('drops the route also where another process has written it', async () => {
    apply({ annotations: { 'temporal-spark/address': address } });
    await eventually('the address', () => exposed()?.['status'] === 'True');
    await operators.pop()!.stop();
    await annotate({ 'temporal-spark/address': null });
    await start();
    await eventually('the Ingress to go', () => ingress() === undefined && exposed() === undefined);
  });

  it.each([
    ['Ingress', 'Forbidden', '; set applications.rights.ingresses: true in the chart'],
    ['Ingress', 'Invalid', ''],
    ['GRPCRoute', 'NotServed', '; install the Gateway API'],
  ] as const)('is served all the same where the API server refuses its %s: %s', async (kind, refusal, remedy) => {
    cluster.refusals.set(kind, KubernetesErrorType[refusal]);
    const gateway = kind === 'GRPCRoute' ? { 'temporal-spark/gateway': 'public' } : {};
    apply({ annotations: { 'temporal-spark/address': address, ...gateway } });
    await eventually('the refusal', () => exposed()?.['status'] === 'False');
    expect(exposed()!['message']).toBe(`cannot write ${kind} adhoc-server: refused: ${refusal}${remedy}`);
    await eventually('the server', () => server() !== undefined);
    runServer();
    await until('Ready');
  });

  it("leaves another's Ingress of that name alone, and states that", async () => {
    cluster.put(ingresses, { metadata: { namespace: 'etl', name: 'adhoc-server' }, spec: {} });
    apply({ annotations: { 'temporal-spark/address': address } });
    await eventually('the fault', () => exposed()?.['status'] === 'False');
    expect(exposed()!['message']).toBe('Ingress adhoc-server exists and does not belong to the session; delete it');
    await annotate({ 'temporal-spark/address': null });
    await eventually('no route', () => exposed() === undefined);
    expect(ingress()!.spec).toEqual({});
  });
});

describe('an idle session', () => {
  const idle = { annotations: { 'temporal-spark/idle-seconds': '30' } };

  async function stopped(): Promise<void> {
    apply(idle);
    await eventually('the server', () => server() !== undefined);
    runServer();
    await eventually('the server to be suspended', isSuspended);
    serverIs('SUSPENDED');
    cluster.remove(pods, 'etl', 'adhoc-server');
    await until('NotReady');
  }

  it('is stopped, with the remedy, and starts at the next request', async () => {
    await stopped();
    expect(message()).toContain('temporal-spark connect adhoc');
    await edit({ metadata: { annotations: { 'temporal-spark/requested-at': new Date().toISOString() } } });
    await eventually('the server to be resumed', () => !isSuspended());
    runServer();
    await until('Ready');
    // Requested less than 30 s ago.
    expect(isSuspended()).toBe(false);
  });

  it('starts at a request that came while no operator ran', async () => {
    await stopped();
    for (const operator of operators) await operator.stop();
    await edit({ metadata: { annotations: { 'temporal-spark/requested-at': new Date().toISOString() } } });
    await start();
    await eventually('the server to be resumed', () => !isSuspended());
  });

  it('is not stopped while a query runs', async () => {
    let asked = 0;
    jobs = () => {
      asked += 1;
      return [{ status: 'RUNNING' }];
    };
    apply(idle);
    await eventually('the server', () => server() !== undefined);
    runServer();
    await until('Ready');
    await eventually('the question', () => asked > 0);
    expect(isSuspended()).toBe(false);
  });

  it('is not stopped where the server does not report its queries', async () => {
    jobs = () => {
      throw new Error('no UI');
    };
    apply(idle);
    await eventually('the server', () => server() !== undefined);
    runServer();
    await until('Ready');
    await eventually('a warning', () => cluster.writes.some((write) => write.startsWith('create Event')));
    expect(isSuspended()).toBe(false);
  });
});
