import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import {
  IsolatedSubmitter,
  NativeSubmitter,
  type IsolatedRights,
  type SparkApplicationSubmitter,
} from '../../src/submitters/index.ts';
import { submitterConformance } from '../../src/testing/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { serviceAccountKubeconfig } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { connectEnvironment, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { sparkPi } from '../support/manifests.ts';

const cluster = useCluster('isolated');
const WORKER = 'worker';
let workerUser: string;
let tenantB: string;
let directory: string | undefined;
/** With the rights of a worker that has none to create pods. */
let env: Environment;

/** All that a worker needs in a tenant's namespace. */
const WORKER_RULES = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'list'] },
  // One of them, depending on `isolated.rights`.
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
];

beforeAll(async () => {
  const lab = sharedLab();
  const tenantA = cluster.env.namespace;
  const workers = await createNamespace({ prefix: 'isolated-workers' });
  workerUser = `system:serviceaccount:${workers}:${WORKER}`;
  tenantB = await createNamespace({ prefix: 'isolated-b' });
  const api = await ApiServer.connect(lab.kubeconfig);
  try {
    await api.create(`/api/v1/namespaces/${workers}/serviceaccounts`, { metadata: { name: WORKER } });
    for (const namespace of [tenantA, tenantB]) {
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      await api.create(`${rbac}/roles`, { metadata: { name: WORKER }, rules: WORKER_RULES });
      await api.create(`${rbac}/rolebindings`, {
        metadata: { name: WORKER },
        subjects: [{ kind: 'ServiceAccount', name: WORKER, namespace: workers }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: WORKER },
      });
    }
  } finally {
    api.close();
  }
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-isolated-'));
  const kubeconfig = await serviceAccountKubeconfig({ kubeconfig: lab.kubeconfig, directory }, workers, WORKER);
  env = await connectEnvironment({ kubeconfig, temporalAddress: lab.temporal.address, namespace: tenantA });
});

afterAll(async () => {
  await env?.close();
  if (directory !== undefined) await rm(directory, { recursive: true });
});

async function run(manifest: SparkApplicationManifest, submitter: SparkApplicationSubmitter = new IsolatedSubmitter()) {
  const application = await env.spark.start(manifest);
  return withWorker(env, () => application.result(), { submitter });
}

async function namesIn(kubernetes: KubernetesClient, namespace: string): Promise<string[]> {
  const names: string[] = [];
  for (const resource of [Resources.pods, Resources.services, Resources.configMaps, Resources.persistentVolumeClaims]) {
    for await (const page of kubernetes.list<KubernetesObject>(resource, namespace)) {
      names.push(...page.map(({ metadata }) => `${resource.kind} ${metadata!.name}`));
    }
  }
  return names.filter((name) => name !== 'ConfigMap kube-root-ca.crt');
}

const sparkOf = (namespace: string) => `system:serviceaccount:${namespace}:spark`;

/** `user verb resource in namespace`, of all that the worker made or changed, as itself or as a tenant. */
async function successfulWrites(): Promise<string[]> {
  interface AuditEvent {
    readonly verb: string;
    readonly user: { readonly username: string };
    readonly impersonatedUser?: { readonly username: string };
    readonly objectRef?: { readonly namespace?: string; readonly resource?: string; readonly subresource?: string };
    readonly responseStatus?: { readonly code?: number };
  }
  const ours = [workerUser, sparkOf(env.namespace), sparkOf(tenantB)];
  return (await readFile(sharedLab().auditLog, 'utf8'))
    .split('\n')
    .filter((line) => ours.some((user) => line.includes(user)))
    .map((line) => JSON.parse(line) as AuditEvent)
    .flatMap(({ verb, user, impersonatedUser, objectRef = {}, responseStatus }) => {
      const as = impersonatedUser?.username ?? user.username;
      const { namespace, resource, subresource } = objectRef;
      const wrote = ['create', 'update', 'patch'].includes(verb) && (responseStatus?.code ?? 500) < 300;
      const what = subresource === undefined ? resource : `${resource}/${subresource}`;
      return wrote && ours.includes(as) ? [`${as} ${verb} ${what} in ${namespace}`] : [];
    });
}

describe('the isolated submitter', () => {
  const suite = (rights: IsolatedRights, kubernetes: KubernetesClient, namespace: string) =>
    submitterConformance({ submitter: () => new IsolatedSubmitter({ rights }), kubernetes, namespace });
  const names = suite('token', undefined as never, '').map(({ name }) => name);

  describe.each(['impersonation', 'token'] as const)('by %s', (rights) => {
    it.each(names)('%s', async (name) => {
      // The suite itself makes and removes what no worker may; the submissions are the worker's.
      const kubernetes = Object.create(cluster.env.kubernetes, {
        as: { value: env.kubernetes.as.bind(env.kubernetes) },
        serviceAccountToken: { value: env.kubernetes.serviceAccountToken.bind(env.kubernetes) },
      }) as KubernetesClient;
      await suite(rights, kubernetes, env.namespace)
        .find((check) => check.name === name)!
        .run();
    });

    it('creates all objects of an application with the rights of its service account', async () => {
      const manifest = sparkPi({ name: `ui-${rights}`, namespace: env.namespace });
      manifest.spec.sparkUIOptions = {};
      const submitter = new IsolatedSubmitter({ rights });
      await expect(run(manifest, submitter)).resolves.toMatchObject({ state: 'COMPLETED' });
      expect(await namesIn(cluster.env.kubernetes, env.namespace)).toContain(`Service ui-${rights}-ui-svc`);
      const creations = await successfulWrites();
      expect(creations).toContain(`${sparkOf(env.namespace)} create services in ${env.namespace}`);
      const ownOfWorker = creations.filter((text) => text.startsWith(`${workerUser} create`));
      expect([...new Set(ownOfWorker)].filter((text) => !text.includes(' create events '))).toEqual(
        rights === 'token' ? [`${workerUser} create serviceaccounts/token in ${env.namespace}`] : [],
      );
    });
  });

  it('runs an application although the worker may not create pods', async () => {
    const namespace = env.namespace;
    const { result } = await failureOf(run(sparkPi({ name: 'native', namespace }), new NativeSubmitter()));
    expect(result!.message).toMatch(/cannot create resource "pods"/);
    await expect(run(sparkPi({ name: 'isolated', namespace }))).resolves.toMatchObject({ state: 'COMPLETED' });
  });

  it('creates nothing for a service account that may not create pods, and names it', async () => {
    const manifest = sparkPi({ name: 'powerless', namespace: env.namespace });
    manifest.spec.driver.serviceAccount = 'default';
    const { result } = await failureOf(run(manifest));
    expect(result!.message).toContain(`system:serviceaccount:${env.namespace}:default`);
    expect(await cluster.driverOf('powerless')).toBeUndefined();
  });
});

describe('tenant A can create nothing in the namespace of tenant B', () => {
  it.each<[string, (manifest: SparkApplicationManifest) => void]>([
    [
      "the driver template's namespace",
      ({ spec }) => {
        spec.driver.template = { metadata: { namespace: tenantB }, spec: { containers: [] } };
      },
    ],
    [
      "the executor template's namespace",
      ({ spec }) => {
        spec.executor.template = { metadata: { namespace: tenantB }, spec: { containers: [] } };
      },
    ],
    [
      'spark.kubernetes.namespace',
      ({ spec }) => {
        spec.sparkConf = { 'spark.kubernetes.namespace': tenantB };
      },
    ],
    [
      "the driver's service account",
      ({ spec }) => {
        spec.driver.serviceAccount = `spark:${tenantB}`;
      },
    ],
    [
      "B's service account by its full name",
      ({ spec }) => {
        spec.driver.serviceAccount = `system:serviceaccount:${tenantB}:spark`;
      },
    ],
    [
      "the driver's pod name",
      ({ spec }) => {
        spec.driver.podName = `../${tenantB}/pods/x`;
      },
    ],
    [
      'the labels and annotations of what belongs to the driver',
      ({ spec }) => {
        spec.sparkUIOptions = { serviceAnnotations: { namespace: tenantB }, serviceLabels: { namespace: tenantB } };
        spec.driver.serviceLabels = { namespace: tenantB };
        spec.driver.annotations = { namespace: tenantB };
      },
    ],
    [
      "the owner in the driver's template",
      ({ spec }) => {
        const owner = { apiVersion: 'v1', kind: 'Namespace', name: tenantB, uid: 'x' };
        spec.driver.template = { metadata: { ownerReferences: [owner] }, spec: { containers: [] } };
      },
    ],
    [
      'the name of a ConfigMap',
      ({ spec }) => {
        spec.sparkConfigMap = `${tenantB}/x`;
      },
    ],
  ])('by %s', async (_, reach) => {
    const name = `reach-${Math.random().toString(36).slice(2, 8)}`;
    const manifest = sparkPi({ name, namespace: env.namespace });
    manifest.metadata.annotations = { 'temporal-spark/submission-deadline': '5s' };
    reach(manifest);
    await run(manifest).catch(() => undefined); // some are refused, some mean the application's own namespace
    expect(await namesIn(cluster.env.kubernetes, tenantB)).toEqual([]);
    expect((await successfulWrites()).filter((text) => text.endsWith(` in ${tenantB}`))).toEqual([]);
  });

  it('not even if a submission were translated wrongly: the API server refuses', async () => {
    const asTenantA = env.kubernetes.as({ user: sparkOf(env.namespace) });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'reach', namespace: tenantB },
      spec: { containers: [{ name: 'main', image: 'spark:4.1.4' }] },
    };
    await expect(asTenantA.create(Resources.pods, pod)).rejects.toMatchObject({ type: 'Forbidden' });
  });

  it('not with a token of tenant A on the connection of an administrator: its client certificate does not count', async () => {
    const admin = cluster.env.kubernetes;
    const asTenantA = admin.as({ token: await admin.serviceAccountToken(env.namespace, 'spark') });
    await expect(asTenantA.get(Resources.pods, env.namespace, 'any')).resolves.toBeUndefined();
    await expect(asTenantA.get(Resources.pods, tenantB, 'any')).rejects.toMatchObject({ type: 'Forbidden' });
    await expect(admin.get(Resources.pods, tenantB, 'any')).resolves.toBeUndefined();
  });

  it('and the worker can impersonate only service accounts of tenants', async () => {
    for (const user of ['admin', 'system:serviceaccount:kube-system:default', `system:serviceaccount:${tenantB}:a:b`]) {
      const other = env.kubernetes.as({ user });
      await expect(other.get(Resources.pods, tenantB, 'any')).rejects.toMatchObject({ type: 'Forbidden' });
    }
  });
});
