import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { manifestsFile, renderManifests } from '../../scripts/manifests.ts';
import { DriverDiagnosis } from '../../src/activities/driver-diagnosis.ts';
import { createSparkActivities } from '../../src/activities/index.ts';
import { sweepSparkDrivers, type SweepReport } from '../../src/activities/sweep-spark-drivers.ts';
import { APPLICATION_PERMISSIONS, CLUSTER_PERMISSIONS, type Finding } from '../../src/doctor/index.ts';
import { connectKubernetes, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { KubernetesObject, Node, Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { attemptIdentity } from '../../src/spark/index.ts';
import { keepReplicas } from '../../src/worker-replicas.ts';
import {
  chartObjects,
  createObjects,
  grantsOf,
  objectsOf,
  requestsOf,
  serviceAccountKubeconfig,
} from '../support/chart.ts';
import { cli } from '../support/cli.ts';
import { connectEnvironment, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { controlPlaneNode, POOLED_NODES } from '../support/pools.ts';

const WORKERS = 'temporal-spark';
const APPLICATIONS = 'applications';
const NAME = 'temporal-spark';

let lab: Lab;
let api: ApiServer;
let admin: KubernetesClient;
let objects: KubernetesObject[];

/** A namespace that takes only what the standard `restricted` allows. */
async function restrictedNamespace(name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await api.create('/api/v1/namespaces', { metadata: { name, labels } });
}

const render = (values: object, namespace = WORKERS) => chartObjects({ namespace, values, directory: lab.directory });

beforeAll(async () => {
  lab = await startLab({ mode: 'simulated', audit: true, nodes: POOLED_NODES });
  api = await ApiServer.connect(lab.kubeconfig);
  admin = await connectKubernetes({ kubeconfig: lab.kubeconfig });
  await restrictedNamespace(WORKERS);
  await api.create('/api/v1/namespaces', { metadata: { name: APPLICATIONS } });
  await createObjects(lab.kubeconfig, ['scheduling.volcano.sh/v1beta1', 'scheduling.x-k8s.io/v1alpha1'].map(podGroups));
  objects = await render({
    applications: {
      namespaces: [APPLICATIONS],
      rights: { ingresses: true, volcano: true, schedulerPlugins: true },
    },
  });
  await createObjects(lab.kubeconfig, objects);
});

afterAll(async () => {
  admin?.close();
  api?.close();
  await lab?.stop();
});

/** Stands in for the batch schedulers' own, of which only the names matter here. */
function podGroups(apiVersion: string): KubernetesObject {
  const [group, version] = apiVersion.split('/');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `podgroups.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/scheduler-plugins/pull/50' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'PodGroup', plural: 'podgroups' },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  } as KubernetesObject;
}

describe('the chart', () => {
  it.each<[string, object]>([
    ['many', { applications: { namespaces: ['team-a', 'team-b'] } }],
    ['cluster', { applications: { clusterWide: true }, replicas: { follow: false, min: 2 } }],
    [
      'everything',
      {
        applications: { namespaces: ['team-a'] },
        temporal: {
          address: 'temporal.example.com:7233',
          tls: { enabled: true, secretName: 'tls', ca: true, clientCertificate: true, serverName: 't' },
          apiKey: { secretName: 'key' },
        },
        placement: { preset: 'rke2' },
        versioning: { enabled: true },
        uiIngress: { url: 'https://spark.example.com/{{$appName}}', className: 'nginx' },
        networkPolicy: { metricsFrom: [{ namespaceSelector: {} }], extraEgress: [{ ports: [{ port: 8443 }] }] },
        worker: { extraEnv: [{ name: 'A', value: 'b' }] },
      },
    ],
  ])('is valid to a real API server and restricted pod security: %s', async (mode, values) => {
    const namespace = `chart-${mode}`;
    await restrictedNamespace(namespace);
    const rendered = await render(values, namespace);
    // Several releases share this cluster, and the namespaces of their applications.
    const apart = JSON.parse(
      JSON.stringify(rendered)
        .replaceAll(`"name":"${NAME}`, `"name":"${mode}-${NAME}`)
        .replaceAll('"team-', `"${mode}-team-`),
    ) as KubernetesObject[];
    for (const team of ['team-a', 'team-b'])
      await api.create('/api/v1/namespaces', { metadata: { name: `${mode}-${team}` } });
    await createObjects(lab.kubeconfig, apart);
    const deployment = rendered.find(({ kind }) => kind === 'Deployment') as { spec?: { template: Pod } };
    const pod: Pod = { ...deployment.spec!.template, apiVersion: 'v1', kind: 'Pod' };
    pod.metadata = { ...pod.metadata, name: 'probe', namespace };
    pod.spec = {
      ...pod.spec!,
      serviceAccountName: `${mode}-${NAME}`,
      priorityClassName: `${mode}-${NAME}-controllers`,
    };
    await admin.create(Resources.pods, pod, { dryRun: true, fieldValidation: 'Strict' });
  });

  it('asks for a ServiceMonitor only where it is told to', async () => {
    const values = { applications: { namespaces: ['a'] } };
    const kinds = (each: readonly KubernetesObject[]) => each.map(({ kind }) => kind);
    expect(kinds(await render(values))).not.toContain('ServiceMonitor');
    expect(kinds(await render({ ...values, metrics: { serviceMonitor: { enabled: true } } }))).toContain(
      'ServiceMonitor',
    );
  });

  it.each<[string, object, RegExp]>([
    ['no namespace of applications', {}, /applications/],
    ['no address of Temporal', { temporal: {}, applications: { clusterWide: true } }, /address/],
    [
      'an address without a port',
      { temporal: { address: 'temporal' }, applications: { clusterWide: true } },
      /address/,
    ],
    ['a misspelt value', { applications: { clusterWide: true }, replica: { min: 1 } }, /replica/],
    ['no replica', { applications: { clusterWide: true }, replicas: { min: 0 } }, /min/],
    [
      'certificates that are in no Secret',
      { temporal: { address: 't:1', tls: { enabled: true, ca: true } }, applications: { clusterWide: true } },
      /secretName/,
    ],
  ])('is refused with %s', async (_, values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });

  it('is what deploy/manifests has without Helm', async () => {
    const text = await readFile(manifestsFile, 'utf8');
    expect(text, 'run  node scripts/manifests.ts').toBe(await renderManifests());
    expect(objectsOf(text).length).toBeGreaterThan(10);
  });
});

describe('the workers', () => {
  const isWorker = ({ metadata, status }: Pod) =>
    metadata?.labels?.['app.kubernetes.io/component'] === 'worker' && status?.phase === 'Running';

  async function hosts(): Promise<string[]> {
    const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${WORKERS}/pods`);
    return items
      .filter((pod) => isWorker(pod) && pod.metadata!.deletionTimestamp === undefined)
      .map(({ spec }) => spec!.nodeName!)
      .sort();
  }

  const expectHosts = (...expected: string[]) =>
    eventually(`workers on ${expected.join(', ')}`, async () => {
      const found = await hosts();
      if (JSON.stringify(found) === JSON.stringify(expected)) return true;
      throw new Error(`they are on ${found.join(', ')}`);
    });

  /** As kubectl does it: no pod comes any more, and those that are there go. */
  async function drain(node: string): Promise<void> {
    const cordon = { spec: { unschedulable: true } };
    await admin.patch(Resources.nodes, undefined, node, 'application/merge-patch+json', cordon);
    const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${WORKERS}/pods`);
    const there = items.filter(({ spec }) => spec!.nodeName === node);
    await Promise.all(there.map(({ metadata }) => admin.delete(Resources.pods, WORKERS, metadata!.name!)));
  }

  it('run on control plane nodes only, one a host, as many as there are', async () => {
    const [host, ...others] = await eventually('the first worker', async () => (await hosts()).length > 0 && hosts());
    expect([host?.replace(/\d$/, ''), others]).toEqual(['control-plane-', []]);
    const kubeconfig = await serviceAccountKubeconfig(lab, WORKERS, NAME);
    const worker = await connectKubernetes({ kubeconfig });
    const problems: unknown[] = [];
    const stop = keepReplicas(
      worker,
      { namespace: WORKERS, deployment: NAME, nodeSelector: 'node-role.kubernetes.io/control-plane', min: 1, max: 3 },
      (error) => problems.push(error),
    );
    try {
      await expectHosts('control-plane-0', 'control-plane-1', 'control-plane-2');
      await drain('control-plane-1');
      await expectHosts('control-plane-0', 'control-plane-2');
      await admin.delete(Resources.nodes, undefined, 'control-plane-1');
      await admin.create(Resources.nodes, nodeOf(controlPlaneNode(1)));
      await expectHosts('control-plane-0', 'control-plane-1', 'control-plane-2');
      // More than the bound.
      await admin.create(Resources.nodes, nodeOf(controlPlaneNode(3)));
      await eventually('the fourth node to be ready', async () => {
        const node = await admin.get(Resources.nodes, undefined, 'control-plane-3');
        return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      });
      expect(await hosts()).toHaveLength(3);
      expect(problems).toEqual([]);
    } finally {
      stop();
      worker.close();
      await admin.delete(Resources.nodes, undefined, 'control-plane-3');
    }
  }, 120_000);

  it('are looked over by doctor', async () => {
    const look = async () => {
      const { stdout } = await cli(['doctor', '--kube-namespace', APPLICATIONS, '-o', 'json'], {
        env: { KUBECONFIG: lab.kubeconfig, TEMPORAL_ADDRESS: lab.temporal!.address },
      });
      return JSON.parse(stdout) as Finding[];
    };
    const healthy = (await look()).filter(({ check }) => /worker|version/.test(check));
    expect(healthy).toEqual([{ status: 'ok', check: 'pods of workers', found: '3, ready, on 3 hosts' }]);
    const stray: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'stray',
        namespace: APPLICATIONS,
        labels: { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/component': 'worker' },
      },
      spec: { nodeName: 'compute-0', containers: [{ name: 'worker', image: 'temporal-spark' }] },
    };
    await admin.create(Resources.pods, stray);
    await admin.create(Resources.pods, { ...stray, metadata: { ...stray.metadata, name: 'another' } });
    await eventually('them to run', async () => {
      const pod = await admin.get(Resources.pods, APPLICATIONS, 'another');
      return pod?.status?.phase === 'Running';
    });
    const findings = (await look()).filter(({ check }) => /worker|version/.test(check));
    expect(findings.map(({ status, found }) => `${status}: ${found}`)).toEqual([
      'failed: runs on compute-0, no node of the control plane',
      'failed: runs on compute-0, no node of the control plane',
      'warning: 2 of 5: they go down together',
      expect.stringMatching(/^warning: this is .*, workers are .*unknown/),
    ]);
    for (const name of ['stray', 'another']) await admin.delete(Resources.pods, APPLICATIONS, name);
  });

  it('run on the controller pool that a managed cluster names', async () => {
    const namespace = 'managed';
    await restrictedNamespace(namespace);
    const rendered = await render(
      {
        applications: { namespaces: [namespace] },
        controllerPool: {
          labels: { 'node-pool': 'storage-io' },
          tolerations: [{ key: 'dedicated', operator: 'Exists' }],
        },
        replicas: { follow: false, min: 2 },
        priorityClass: { create: false },
        readNodes: false,
      },
      namespace,
    );
    expect(rendered.filter(({ kind }) => kind?.startsWith('Cluster'))).toEqual([]);
    await createObjects(lab.kubeconfig, rendered);
    const nodes = await eventually('two workers', async () => {
      const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
      const running = items.filter(isWorker);
      return running.length === 2 && running.map(({ spec }) => spec!.nodeName).sort();
    });
    expect(nodes).toEqual(['storage-io-0', 'storage-io-1']);
  });
});

function nodeOf({ name, labels = {}, taints = [] }: (typeof POOLED_NODES)[number]): Node {
  const allocatable = { cpu: '1000', memory: '4Ti', pods: '100000', 'ephemeral-storage': '4Ti' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
    spec: { taints: taints.map((taint) => ({ ...taint })) },
    status: { allocatable, capacity: allocatable },
  };
}

describe("the workers' rights", () => {
  let env: Environment;

  beforeAll(async () => {
    const kubeconfig = await serviceAccountKubeconfig(lab, WORKERS, NAME);
    env = await connectEnvironment({ kubeconfig, temporalAddress: lab.temporal!.address, namespace: APPLICATIONS });
  });

  afterAll(() => env?.close());

  const pi = (name: string, annotations: Record<string, string> = {}) =>
    sparkPi({ name, namespace: APPLICATIONS, annotations });

  /** With one of everything that may be made beside a driver. */
  function furnished(name: string, batchScheduler: string): SparkApplicationManifest {
    const manifest = pi(name);
    return {
      ...manifest,
      spec: {
        ...manifest.spec,
        sparkVersion: '4.2.0',
        image: 'spark:4.2.0',
        batchScheduler,
        driverPodDisruptionBudget: true,
        driverIngressOptions: [
          { servicePort: 8081, servicePortName: 'extra', ingressURLFormat: 'https://{{$appName}}.example.com' },
        ],
        sparkConf: {
          'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.mount.path': '/scratch',
          'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.claimName': 'OnDemand',
          'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.sizeLimit': '1Gi',
          'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.storageClass': 'fast',
        },
      },
    };
  }

  function submit(manifest: SparkApplicationManifest): Promise<unknown> {
    const activities = createSparkActivities({ kubernetes: env.kubernetes });
    const { name = '', namespace = '' } = manifest.metadata;
    const identity = attemptIdentity({
      workflowId: `spark/${namespace}/${name}`,
      firstRunId: 'run',
      attempt: 1,
      temporalNamespace: 'default',
      applicationName: name,
      driverPodName: `${name}-driver`,
      submitTime: 0,
    });
    return activityEnvironment().run(() => activities.submitSparkApplication({ manifest, identity }));
  }

  /** Submits, and again, as after a crash: what the first made is found. */
  async function submitTwice(manifest: SparkApplicationManifest): Promise<void> {
    await submit(manifest);
    await submit(manifest);
  }

  const activityEnvironment = () =>
    new MockActivityEnvironment(
      { startToCloseTimeoutMs: 30_000 },
      { client: env.client, logger: new DefaultLogger('ERROR', () => undefined) },
    );

  it('are enough for whatever workers do, and no verb of them is without use', async () => {
    await withWorker(env, async () => {
      await (await env.spark.start(pi('completes'))).result();
      await (await env.spark.start(pi('completes'))).result(); // the first driver makes way
      await failureOf((await env.spark.start(pi('fails', { 'lab.temporal-spark/exit-code': '3' }))).result());
      const killed = await env.spark.start(pi('killed', RUN_FOREVER));
      const driver = await eventually('a driver that runs', async () => {
        const pod = await admin.get(Resources.pods, APPLICATIONS, 'killed-driver');
        return pod?.status?.phase === 'Running' && pod;
      });
      const diagnosis = () => new DriverDiagnosis(env.kubernetes, new AbortController().signal);
      await diagnosis().of(driver, { phase: 'running', ready: false });
      const pending = diagnosis();
      await eventually('its events to be asked for', async () => {
        await pending.of(driver, { phase: 'pending' });
        // The pause after a question is twice as long as that before it.
        return pending.askAgainAt! - Date.now() > 2_500;
      });
      await killed.kill();
      await failureOf(killed.result());
    });
    await submitTwice(furnished('volcano', 'volcano'));
    await submitTwice(furnished('coscheduling', 'scheduler-plugins-scheduler'));
    await housekeeping();
    await replicas();

    const user = `system:serviceaccount:${WORKERS}:${NAME}`;
    // Every account may ask for its own rights and the server's version.
    const granted = grantsOf(objects, NAME);
    const used = await eventually('the audit log to be written', async () => {
      const found = await requestsOf(lab.auditLog!, user);
      return [...granted].every((grant) => found.has(grant)) && found;
    }).catch(() => requestsOf(lab.auditLog!, user));
    expect([...used].sort()).toEqual([...granted].sort());
  }, 180_000);

  /** A driver whose workflow was terminated is released, and the event says why. */
  async function housekeeping(): Promise<void> {
    await withWorker(env, async () => {
      const orphan = await env.spark.start(pi('orphan'));
      await eventually('its driver', () => admin.get(Resources.pods, APPLICATIONS, 'orphan-driver'));
      await env.client.workflow.getHandle(orphan.workflowId).terminate();
    });
    const sweep = () => sweepSparkDrivers(env.kubernetes, { namespace: APPLICATIONS, graceMs: 0 });
    await eventually('a release', async () => {
      const report: SweepReport = await activityEnvironment().run(sweep);
      return report.released > 0;
    });
  }

  async function replicas(): Promise<void> {
    const scale = { spec: { replicas: 1 } };
    await admin.patch(Resources.deploymentScales, WORKERS, NAME, 'application/merge-patch+json', scale);
    const options = { namespace: WORKERS, deployment: NAME, nodeSelector: 'node-role.kubernetes.io/control-plane' };
    const stop = keepReplicas(env.kubernetes, { ...options, min: 1, max: 3 }, () => undefined);
    await eventually('three replicas', async () => {
      const now = await admin.get(Resources.deploymentScales, WORKERS, NAME);
      return now?.spec?.replicas === 3;
    }).finally(stop);
  }

  it('are those that doctor asks for', () => {
    const asked = [...APPLICATION_PERMISSIONS, ...CLUSTER_PERMISSIONS].flatMap(({ group, resource, verbs }) =>
      verbs.map((verb) => `${verb} ${group === undefined ? '' : `${group}/`}${resource}`),
    );
    // What some values grant, and the workers' own replicas.
    const optional = /ingresses|podgroups|scale/;
    expect(asked.sort()).toEqual([...grantsOf(objects, NAME)].filter((grant) => !optional.test(grant)).sort());
  });

  it('do not reach into other namespaces', async () => {
    const manifest = { ...pi('elsewhere'), metadata: { name: 'elsewhere', namespace: 'default' } };
    await expect(submit(manifest)).rejects.toMatchObject({
      type: 'Forbidden',
      message: expect.stringContaining('grant the verb "get" on "pods" in namespace "default" with a Role') as string,
    });
  });
});

it('helm itself finds nothing to complain about', async () => {
  const { ensureTools } = await import('../../lab/toolchain/toolchain.ts');
  const { tools } = await import('../../lab/toolchain/tools.ts');
  const [helm] = await ensureTools([tools.helm]);
  const required = 'image.repository=a,temporal.address=t:1,applications.clusterWide=true';
  const { stdout } = await promisify(execFile)(helm!, [
    'lint',
    '--strict',
    'deploy/helm/temporal-spark',
    '--set',
    required,
  ]);
  expect(stdout).toContain('0 chart(s) failed');
});
