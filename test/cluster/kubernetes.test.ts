import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import {
  connectKubernetes,
  FinalizerRemoval,
  KubernetesErrorType,
  PatchType,
  removeFinalizer,
  Resources,
  type ConfigMap,
  type KubernetesClient,
  type KubernetesObject,
  type KubernetesOptions,
  type Pod,
  type Resource,
} from '../../src/kubernetes/index.ts';
import { createNamespace, privateLab, sharedLab } from '../support/lab-fixture.ts';
import { eventually, passes } from '../../lab/eventually.ts';

const FINALIZER = 'temporal-spark/driver-protection';

async function clientOf(options: KubernetesOptions): Promise<KubernetesClient> {
  const client = await connectKubernetes(options);
  onTestFinished(() => client.close());
  return client;
}
const client = () => clientOf({ kubeconfig: sharedLab().kubeconfig });

function configMap(name: string, more: Partial<ConfigMap> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', ...more, metadata: { name, ...more.metadata } };
}
function pod(namespace: string, name: string, spec: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [{ name: 'main', image: 'example/main' }], ...spec },
  };
}
/** Rejections to look at. */
const failing = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('objects', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace({ prefix: 'objects' });
  });

  test('are created, read, changed and deleted', async () => {
    const kubernetes = await client();
    const made = await kubernetes.create(
      Resources.configMaps,
      configMap('a', { metadata: { namespace }, data: { k: 'v' } }),
    );
    expect(made).toMatchObject({
      kind: 'ConfigMap',
      metadata: { uid: expect.any(String) as string },
      data: { k: 'v' },
    });
    expect(await kubernetes.get(Resources.configMaps, namespace, 'a')).toEqual(made);

    const patch = (type: PatchType, body: unknown) =>
      kubernetes.patch(Resources.configMaps, namespace, 'a', type, body).then(({ data }) => data);
    expect(await patch(PatchType.Merge, { data: { l: 'w' } })).toEqual({ k: 'v', l: 'w' });
    expect(await patch(PatchType.StrategicMerge, { data: { l: null } })).toEqual({ k: 'v' });
    expect(await patch(PatchType.Json, [{ op: 'replace', path: '/data/k', value: 'x' }])).toEqual({ k: 'x' });

    expect(await kubernetes.delete(Resources.configMaps, namespace, 'a', { uid: 'another' })).toBe(false);
    expect(await kubernetes.delete(Resources.configMaps, namespace, 'a', { uid: made.metadata!.uid! })).toBe(true);
    expect(await kubernetes.delete(Resources.configMaps, namespace, 'a')).toBe(false);
    expect(await kubernetes.get(Resources.configMaps, namespace, 'a')).toBeUndefined();
  });

  test('that are tried out leave nothing', async () => {
    const kubernetes = await client();
    const object = configMap('dry', { metadata: { namespace } });
    await kubernetes.create(Resources.configMaps, object, { dryRun: true });
    expect(await kubernetes.get(Resources.configMaps, namespace, 'dry')).toBeUndefined();
    const misspelled = pod(namespace, 'strict', { contaners: [] });
    expect(await failing(kubernetes.create(Resources.pods, misspelled, { fieldValidation: 'Strict' }))).toMatchObject({
      type: KubernetesErrorType.BadRequest,
      message: expect.stringContaining('unknown field "spec.contaners"') as string,
    });
  });

  test('are listed page by page, each once', async () => {
    const kubernetes = await client();
    const names = Array.from({ length: 25 }, (_, i) => `page-${String(i).padStart(2, '0')}`);
    const labels = { list: 'paged' };
    await Promise.all(
      names.map((name) =>
        kubernetes.create(Resources.configMaps, configMap(name, { metadata: { namespace, labels } })),
      ),
    );
    const pages: (string | undefined)[][] = [];
    for await (const page of kubernetes.list(Resources.configMaps, namespace, {
      labelSelector: 'list=paged',
      limit: 10,
    })) {
      pages.push(page.map(({ metadata }) => metadata?.name));
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(names);
  });

  test('without a namespace', async () => {
    const kubernetes = await client();
    expect((await kubernetes.get(Resources.namespaces, undefined, namespace))?.metadata?.name).toBe(namespace);
    for await (const nodes of kubernetes.list(Resources.nodes, undefined)) expect(nodes.length).toBeGreaterThan(0);
  });

  test('1,000 at once, over one connection', async () => {
    const kubernetes = await client();
    const created = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        kubernetes.create(Resources.configMaps, { metadata: { generateName: 'many-', namespace } }),
      ),
    );
    expect(new Set(created.map(({ metadata }) => metadata?.name)).size).toBe(1_000);
  });

  test('the version of the API server', async () => {
    expect(await (await client()).version()).toMatch(/^1\.\d+$/);
  });
});

describe('a finalizer', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace({ prefix: 'finalizer' });
  });

  async function protectedObject(name: string, finalizers = [FINALIZER]) {
    const kubernetes = await client();
    const made = await kubernetes.create(
      Resources.configMaps,
      configMap(name, { metadata: { namespace, finalizers } }),
    );
    const target = { resource: Resources.configMaps, namespace, name, uid: made.metadata!.uid!, finalizer: FINALIZER };
    const finalizersLeft = async () =>
      (await kubernetes.get(Resources.configMaps, namespace, name))?.metadata?.finalizers;
    return { kubernetes, target, finalizersLeft };
  }

  test('is removed once, and is absent after that', async () => {
    const { kubernetes, target, finalizersLeft } = await protectedObject('once');
    expect(await removeFinalizer(kubernetes, target)).toBe(FinalizerRemoval.Removed);
    expect(await removeFinalizer(kubernetes, target)).toBe(FinalizerRemoval.Absent);
    expect(await finalizersLeft()).toBeUndefined();
  });

  test.each([[['a/first', FINALIZER, 'z/last']], [[FINALIZER, 'z/last']]])(
    'leaves the others: %j',
    async (finalizers) => {
      const { kubernetes, target, finalizersLeft } = await protectedObject(`others-${finalizers.length}`, finalizers);
      expect(await removeFinalizer(kubernetes, target)).toBe(FinalizerRemoval.Removed);
      expect(await finalizersLeft()).toEqual(finalizers.filter((finalizer) => finalizer !== FINALIZER));
    },
  );

  test('is removed from an object that is being deleted, which is then gone', async () => {
    const { kubernetes, target } = await protectedObject('deleted');
    const { resource, name, uid } = target;
    await kubernetes.delete(resource, namespace, name, { uid, propagationPolicy: 'Background' });
    expect((await kubernetes.get(resource, namespace, name))?.metadata?.deletionTimestamp).toBeDefined();
    expect(await removeFinalizer(kubernetes, target)).toBe(FinalizerRemoval.Removed);
    expect(await kubernetes.get(resource, namespace, name)).toBeUndefined();
    expect(await removeFinalizer(kubernetes, target)).toBe(FinalizerRemoval.Gone);
  });

  test('of a namesake stays', async () => {
    const { kubernetes, target, finalizersLeft } = await protectedObject('namesake');
    expect(await removeFinalizer(kubernetes, { ...target, uid: 'of-the-one-before' })).toBe(FinalizerRemoval.Foreign);
    expect(await finalizersLeft()).toEqual([FINALIZER]);
  });

  test('is removed by one of many who try at once', async () => {
    const { kubernetes, target } = await protectedObject('race');
    const results = await Promise.all(Array.from({ length: 5 }, () => removeFinalizer(kubernetes, target)));
    expect(results.toSorted()).toEqual([...Array<string>(4).fill('absent'), 'removed']);
  });
});

describe('a refusal by the API server is reported by type, with the remedy', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace({ prefix: 'errors' });
  });

  /** The lab's cluster, as another user. */
  function as(user: object): KubernetesOptions {
    const config = new KubeConfig();
    config.loadFromFile(sharedLab().kubeconfig);
    const [own] = config.users;
    config.loadFromOptions({
      ...config,
      users: [{ name: own!.name, ...('impersonateUser' in user ? own : {}), ...user }],
    });
    return { kubeconfig: config };
  }

  test('401', async () => {
    const stranger = await clientOf(as({ token: 'wrong' }));
    expect(await failing(stranger.get(Resources.pods, namespace, 'p'))).toMatchObject({
      type: KubernetesErrorType.Unauthorized,
      retryable: false,
    });
  });

  test('403: which permission is lacking', async () => {
    const ada = await clientOf(as({ impersonateUser: 'ada' }));
    const forbidden = { type: KubernetesErrorType.Forbidden, retryable: false };
    expect(await failing(ada.create(Resources.pods, pod(namespace, 'p')))).toMatchObject({
      ...forbidden,
      message: expect.stringMatching(
        new RegExp(
          `User "ada" cannot create.*; grant the verb "create" on "pods" in namespace "${namespace}" with a Role\\.$`,
        ),
      ) as string,
    });
    expect(await failing(ada.list(Resources.nodes, undefined)[Symbol.asyncIterator]().next())).toMatchObject(forbidden);
    await expect(ada.watch(Resources.pods, namespace, '').ready).rejects.toMatchObject(forbidden);
    expect(await failing(ada.logs(namespace, 'p'))).toMatchObject({ ...forbidden, resource: 'pods/log' });
  });

  test('a token of a service account, from a file', async () => {
    const api = await ApiServer.connect(sharedLab().kubeconfig);
    onTestFinished(() => api.close());
    const { status } = await api.create<{ status: { token: string } }>(
      `/api/v1/namespaces/${namespace}/serviceaccounts/spark/token`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    );
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-token-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'token'), status.token);
    const config = parse(await readFile(sharedLab().kubeconfig, 'utf8')) as { users: object[] };
    const file = join(directory, 'config');
    await writeFile(file, stringify({ ...config, users: [{ ...config.users[0], user: { tokenFile: 'token' } }] }));
    const spark = await clientOf({ kubeconfig: file });
    expect(await spark.create(Resources.configMaps, configMap('mine', { metadata: { namespace } }))).toBeDefined();
    expect(await failing(spark.get(Resources.pods, 'default', 'p'))).toMatchObject({
      type: KubernetesErrorType.Forbidden,
      message: expect.stringContaining(`"system:serviceaccount:${namespace}:spark"`) as string,
    });
  });

  test('404: the namespace; the resource; but not an object, which is only absent', async () => {
    const kubernetes = await client();
    expect(await failing(kubernetes.create(Resources.pods, pod('nowhere', 'p')))).toMatchObject({
      type: KubernetesErrorType.NamespaceNotFound,
      message:
        'Cannot create pods "p" in namespace "nowhere" on cluster "temporal-spark-lab": namespaces "nowhere" not found; ' +
        'create the namespace, or name one that exists.',
    });
    const podGroup = { metadata: { name: 'g', namespace } };
    const unserved = { type: KubernetesErrorType.NotServed, message: expect.stringContaining('podgroups') as string };
    expect(await failing(kubernetes.create(Resources.volcanoPodGroups, podGroup))).toMatchObject(unserved);
    expect(await failing(kubernetes.get(Resources.volcanoPodGroups, namespace, 'g'))).toMatchObject(unserved);
    expect(await failing(kubernetes.logs(namespace, 'nobody'))).toMatchObject({ type: KubernetesErrorType.NotFound });
    expect(await kubernetes.get(Resources.pods, namespace, 'nobody')).toBeUndefined();
  });

  test('409: the name is taken; the object has changed', async () => {
    const kubernetes = await client();
    const object = configMap('taken', { metadata: { namespace } });
    await kubernetes.create(Resources.configMaps, object);
    expect(await failing(kubernetes.create(Resources.configMaps, object))).toMatchObject({
      type: KubernetesErrorType.AlreadyExists,
      reason: 'AlreadyExists',
    });
    const stale = { metadata: { resourceVersion: '1' } };
    const patching = kubernetes.patch(Resources.configMaps, namespace, 'taken', PatchType.Merge, stale);
    expect(await failing(patching)).toMatchObject({ type: KubernetesErrorType.Conflict, retryable: true });
  });

  test('422: which fields', async () => {
    const kubernetes = await client();
    const wrong = pod(namespace, 'Wrong', { containers: [{ name: 'main' }] });
    expect(await failing(kubernetes.create(Resources.pods, wrong))).toMatchObject({
      type: KubernetesErrorType.Invalid,
      causes: [
        { field: 'metadata.name', reason: 'FieldValueInvalid' },
        { field: 'spec.containers[0].image', reason: 'FieldValueRequired' },
      ],
    });
    await kubernetes.create(Resources.pods, pod(namespace, 'fixed'));
    const change = { spec: { hostname: 'other' } };
    const error = await failing(kubernetes.patch(Resources.pods, namespace, 'fixed', PatchType.Merge, change));
    expect(error).toMatchObject({ type: KubernetesErrorType.Invalid });
    expect(String(error)).not.toContain('Hostname'); // the server appends the whole pod
  });

  test('a service account that does not exist', async () => {
    const kubernetes = await client();
    const driver = pod(namespace, 'driver', { serviceAccountName: 'nobody' });
    expect(await failing(kubernetes.create(Resources.pods, driver))).toMatchObject({
      type: KubernetesErrorType.ServiceAccountNotFound,
      message: expect.stringContaining(`create service account "nobody" in namespace "${namespace}"`) as string,
    });
  });

  test('a quota that is used up', async () => {
    const kubernetes = await client();
    const full = await createNamespace({ prefix: 'quota' });
    const quotas: Resource<KubernetesObject & { spec: object; status?: { hard?: object } }> = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      namespaced: true,
    };
    await kubernetes.create(quotas, { metadata: { name: 'none', namespace: full }, spec: { hard: { pods: '0' } } });
    // The API server enforces no quota before the controller has counted the objects.
    await eventually('the quota to count', async () => (await kubernetes.get(quotas, full, 'none'))?.status?.hard);
    expect(await failing(kubernetes.create(Resources.pods, pod(full, 'p')))).toMatchObject({
      type: KubernetesErrorType.QuotaExceeded,
      retryable: true,
      message: expect.stringContaining('raise the quota') as string,
    });
  });

  test('a namespace that is being deleted', async () => {
    const kubernetes = await client();
    const ending = await createNamespace({ prefix: 'ending' });
    const anchor = configMap('anchor', { metadata: { namespace: ending, finalizers: [FINALIZER] } });
    await kubernetes.create(Resources.configMaps, anchor);
    await kubernetes.delete(Resources.namespaces, undefined, ending);
    expect(
      await failing(kubernetes.create(Resources.configMaps, configMap('b', { metadata: { namespace: ending } }))),
    ).toMatchObject({
      type: KubernetesErrorType.NamespaceTerminating,
      retryable: false,
    });
    await kubernetes.patch(Resources.configMaps, ending, 'anchor', PatchType.Merge, { metadata: { finalizers: null } });
  });
});

describe('a watch', () => {
  test('shows objects as they come, change and go', async () => {
    const namespace = await createNamespace({ prefix: 'watch' });
    const kubernetes = await client();
    const labels = { app: 'watched' };
    await kubernetes.create(Resources.configMaps, configMap('before', { metadata: { namespace, labels } }));
    const view = kubernetes.watch(Resources.configMaps, namespace, 'app=watched');
    await view.ready;
    expect(view.get('before')?.metadata?.managedFields).toBeUndefined();
    const heard: string[] = [];
    view.subscribe((name, object) =>
      heard.push(`${name} ${object === undefined ? 'gone' : (object.data?.['k'] ?? 'there')}`),
    );
    await kubernetes.create(Resources.configMaps, configMap('a', { metadata: { namespace, labels } }));
    await kubernetes.create(Resources.configMaps, configMap('not-watched', { metadata: { namespace } }));
    await kubernetes.patch(Resources.configMaps, namespace, 'a', PatchType.Merge, { data: { k: 'changed' } });
    await kubernetes.patch(Resources.configMaps, namespace, 'before', PatchType.Merge, { metadata: { labels: null } });
    await kubernetes.delete(Resources.configMaps, namespace, 'a');
    const all = passes(() => expect(heard).toEqual(['a there', 'a changed', 'before gone', 'a gone']));
    await eventually('the watch to report all changes', all, { timeoutMs: 10_000 });
    expect(view.list()).toEqual([]);
  });

  test('survives a restart of the API server', async () => {
    const lab = await privateLab({ temporal: false });
    const kubernetes = await clientOf({ kubeconfig: lab.kubeconfig });
    const view = kubernetes.watch(Resources.configMaps, 'default', 'app=watched');
    await view.ready;
    const create = (name: string) =>
      kubernetes.create(Resources.configMaps, configMap(name, { metadata: { labels: { app: 'watched' } } }));
    await create('before');
    await eventually('the watch to report the ConfigMap', () => view.get('before'), { timeoutMs: 10_000 });
    const apiServer = lab.components['kube-apiserver']!;
    await apiServer.kill('SIGKILL');
    expect(await failing(kubernetes.version({ timeoutMs: 1_000 }))).toMatchObject({
      type: KubernetesErrorType.Unreachable,
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await apiServer.start();
    await create('after');
    await eventually('the watch to report the second ConfigMap', () => view.get('after'), { timeoutMs: 40_000 });
    expect(view.get('before')).toBeDefined();
  });

  test('catches up where its resource version has been compacted away; a list continues as well', async () => {
    const lab = await privateLab({ temporal: false });
    const admin = await clientOf({ kubeconfig: lab.kubeconfig });
    const relay = await relayTo(lab.kubeconfig);
    const kubernetes = await clientOf({ kubeconfig: relay.config });

    const labels = { app: 'watched' };
    const create = (name: string) => admin.create(Resources.configMaps, configMap(name, { metadata: { labels } }));
    await Promise.all(['a', 'b', 'c'].map(create));
    const view = kubernetes.watch(Resources.configMaps, 'default', 'app=watched');
    await view.ready;
    const heard: string[] = [];
    view.subscribe((name, object) => heard.push(object === undefined ? `-${name}` : `+${name}`));
    const pages = admin.list(Resources.configMaps, 'default', { labelSelector: 'app=watched', limit: 1 });
    const listing = pages[Symbol.asyncIterator]();
    const listed = [(await listing.next()).value as ConfigMap[]];

    relay.hold();
    await admin.delete(Resources.configMaps, 'default', 'a');
    await admin.patch(Resources.configMaps, 'default', 'b', PatchType.Merge, { data: { k: 'v' } });
    const { metadata } = await create('d');
    await compact(lab.components['etcd']!.pid!, metadata!.resourceVersion!);
    await lab.components['kube-apiserver']!.kill('SIGKILL');
    await lab.components['kube-apiserver']!.start();
    relay.release();

    const missed = passes(() => expect(heard.toSorted()).toEqual(['+b', '+d', '-a']));
    await eventually('the watch to report what it missed', missed, { timeoutMs: 40_000 });
    expect(view.get('b')?.data).toEqual({ k: 'v' });
    for (let next = await listing.next(); next.done !== true; next = await listing.next()) listed.push(next.value);
    expect(listed.flat().map((object) => object.metadata?.name)).toEqual(['a', 'b', 'c', 'd']);
  });
});

/** A way to the API server that can be cut. */
async function relayTo(kubeconfig: string) {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const { port } = new URL(config.getCurrentCluster()!.server);
  const sockets = new Set<Socket>();
  let held = false;
  const server = createServer((inner) => {
    if (held) return inner.destroy();
    const outer = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    cut();
    server.close();
  });
  const cluster = {
    ...config.getCurrentCluster()!,
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  config.loadFromOptions({ ...config, clusters: [cluster] });
  return {
    config,
    hold() {
      held = true;
      cut();
    },
    release() {
      held = false;
    },
  };
}

/** Forgets all history of a lab's etcd before the revision. */
async function compact(etcdPid: number, revision: string): Promise<void> {
  const commandLine = await readFile(`/proc/${etcdPid}/cmdline`, 'utf8');
  const [, url] = /--listen-client-urls=([^\0]+)/.exec(commandLine)!;
  const body = JSON.stringify({ revision, physical: true });
  const response = await fetch(`${url}/v3/kv/compaction`, { method: 'POST', body });
  expect(await response.text()).toContain('header');
}
