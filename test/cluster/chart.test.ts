import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { manifestsFile, renderManifests } from '../../scripts/manifests.ts';
import { DriverDiagnosis } from '../../src/activities/watch/driver-diagnosis.ts';
import { DriverProgress } from '../../src/activities/watch/driver-progress.ts';
import { createSparkActivities } from '../../src/activities/index.ts';
import { sweepSparkDrivers } from '../../src/activities/housekeeping/sweep-spark-drivers.ts';
import { examineCluster } from '../../src/cli/commands/doctor/examine-cluster.ts';
import type { Finding } from '../../src/cli/commands/doctor/finding.ts';
import {
  applicationPermissions,
  CLUSTER_PERMISSIONS,
  OPERATOR_PERMISSIONS,
} from '../../src/cli/commands/doctor/permissions.ts';
import { connectKubernetes, Resources, type KubernetesClient, type Resource } from '../../src/kubernetes/index.ts';
import type { KubernetesObject, Node, Pod, Service } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import type { PlacementConfiguration } from '../../src/placement/index.ts';
import { presets } from '../../src/placement/presets.ts';
import { attemptIdentity } from '../../src/spark/index.ts';
import {
  BatchSubmitter,
  IsolatedSubmitter,
  NativeSubmitter,
  type SparkApplicationSubmitter,
} from '../../src/submitters/index.ts';
import { parseTenancy, Tenancy } from '../../src/tenancy/index.ts';
import { keepReplicas } from '../../src/worker/replicas.ts';
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
import { eventually } from '../../lab/eventually.ts';
import type { SweepReport } from '../../src/protocol/index.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { controlPlaneNode, POOLED_NODES } from '../support/pools.ts';

const WORKERS = 'temporal-spark';
const APPLICATIONS = 'applications';
const NAME = 'temporal-spark';
const RIGHTS = { ingresses: true, volcano: true, schedulerPlugins: true };
/** By label: the only rules that need a right of their own. */
const TENANCY = { rules: [{ name: 'spark', namespaceLabels: { 'kubernetes.io/metadata.name': APPLICATIONS } }] };

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
      rights: RIGHTS,
    },
    tenancy: TENANCY,
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

interface MonitorSpec {
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly endpoints: { readonly port: string }[];
}

const text = { type: 'string' };
const labels = { type: 'object', additionalProperties: text };

/** The fields of the Prometheus operator's CRD that the chart uses; any other is refused. */
const serviceMonitors = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'servicemonitors.monitoring.coreos.com' },
  spec: {
    group: 'monitoring.coreos.com',
    scope: 'Namespaced',
    names: { kind: 'ServiceMonitor', plural: 'servicemonitors' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['selector', 'endpoints'],
                properties: {
                  selector: { type: 'object', properties: { matchLabels: labels } },
                  endpoints: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        port: text,
                        interval: { ...text, pattern: '^(0|(([0-9]+)y)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?)$' },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
} as KubernetesObject;

describe('the chart', () => {
  it.each<[string, object]>([
    ['many', { applications: { namespaces: ['team-a', 'team-b'] } }],
    ['cluster', { applications: { clusterWide: true }, replicas: { follow: false, min: 2 } }],
    [
      'everything',
      {
        applications: { namespaces: ['team-a'], isolated: true, rights: { ingresses: true } },
        temporal: {
          address: 'temporal.example.com:7233',
          tls: { enabled: true, secretName: 'tls', ca: true, clientCertificate: true, serverName: 't' },
          apiKey: { secretName: 'key' },
        },
        placement: { preset: 'rke2' },
        tenancy: { rules: [{ name: 'team-a', namespaces: ['team-a'] }] },
        defaults: { rules: [{ name: 'team-a', set: { image: 'spark:4.1.4' } }] },
        submitters: {
          rules: [
            { namespaces: ['team-a'], labels: { steps: 'own' }, submitter: 'spark-submit-job' },
            { namespaces: ['team-a'], submitter: 'isolated' },
          ],
          sparkSubmitJob: {},
        },
        clusters: {
          configuration: {
            clusters: [
              { name: 'here', inCluster: true },
              { name: 'there', kubeconfig: 'there' },
            ],
          },
          secretName: 'kubeconfigs',
        },
        versioning: { enabled: true, keepVersions: ['0.0.9'] },
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

  it('creates a ServiceMonitor, which finds its metrics, only where enabled', async () => {
    const values = { applications: { namespaces: ['a'] } };
    const kinds = (each: readonly KubernetesObject[]) => each.map(({ kind }) => kind);
    expect(kinds(await render(values))).not.toContain('ServiceMonitor');
    const monitored = await render({
      ...values,
      metrics: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } },
    });
    await createObjects(lab.kubeconfig, [serviceMonitors]);
    const isMonitor = ({ kind }: KubernetesObject) => kind === 'ServiceMonitor';
    await eventually('its CRD to be served', async () => {
      await createObjects(lab.kubeconfig, monitored.filter(isMonitor));
      return true;
    });
    const path = `/apis/monitoring.coreos.com/v1/namespaces/${WORKERS}/servicemonitors/${NAME}`;
    const monitor = await api.get<KubernetesObject & { spec: MonitorSpec }>(path);
    expect(monitor.metadata?.labels).toMatchObject({ release: 'prometheus' });
    // It must find the Service, and its port by name.
    const service = monitored.find(({ kind }) => kind === 'Service') as Service;
    expect(service.metadata!.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(service.spec!.ports!.map(({ name }) => name)).toEqual(monitor.spec.endpoints.map(({ port }) => port));
  });

  it.each<[string, object, RegExp]>([
    ['no namespace of applications', {}, /applications/],
    ['no address of Temporal', { temporal: {}, applications: { clusterWide: true } }, /address/],
    [
      'an address without a port',
      { temporal: { address: 'temporal' }, applications: { clusterWide: true } },
      /address/,
    ],
    ['a misspelled value', { applications: { clusterWide: true }, replica: { min: 1 } }, /replica/],
    ['no replica', { applications: { clusterWide: true }, replicas: { min: 0 } }, /min/],
    [
      'certificates that are in no Secret',
      { temporal: { address: 't:1', tls: { enabled: true, ca: true } }, applications: { clusterWide: true } },
      /secretName/,
    ],
    [
      'a quota that leaves CPU unbounded',
      { applications: { clusterWide: true }, resources: { limits: { cpu: null } } },
      /resources\.limits\.cpu must be set.*quota\.enabled/,
    ],
    [
      'versions to keep without versioning',
      { applications: { clusterWide: true }, versioning: { keepVersions: ['0.0.9'] } },
      /keepVersions has no effect while versioning\.enabled is false/,
    ],
    [
      'a version twice',
      { applications: { clusterWide: true }, versioning: { enabled: true, keepVersions: ['0.0.9', '0.0.9'] } },
      /contain duplicates/,
    ],
    [
      'versions with the same suffix',
      { applications: { clusterWide: true }, versioning: { enabled: true, keepVersions: ['1.0', '1-0'] } },
      /"1\.0" and "1-0" would share the Deployment/,
    ],
    [
      'a version that is not a valid label',
      { applications: { clusterWide: true }, versioning: { enabled: true, keepVersions: ['_'] } },
      /version "_" cannot be the name of a Deployment and a label/,
    ],
  ])('is refused with %s', async (_, values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    [
      'more replicas at least than at most',
      { replicas: { min: 4 } },
      /replicas\.min is 4, but replicas\.max is 3: set max to at least min/,
    ],
    [
      'a Secret for TLS that is off',
      { temporal: { address: 't:1', tls: { secretName: 'tls' } } },
      /temporal\.tls\.enabled is false, so secretName and serverName have no effect/,
    ],
    [
      'a Secret for TLS of which nothing is used',
      { temporal: { address: 't:1', tls: { enabled: true, secretName: 'tls' } } },
      /temporal\.tls\.secretName is "tls", but no key of that Secret is used: set temporal\.tls\.ca/,
    ],
    [
      "applications in the workers' own namespace",
      { applications: { namespaces: [WORKERS] } },
      /applications\.namespaces contains "temporal-spark", the namespace of the workers/,
    ],
    [
      'Ingresses without the right to make them',
      { uiIngress: { url: 'https://spark.example.com' } },
      /uiIngress\.url .* set applications\.rights\.ingresses to true/,
    ],
    [
      'a submitter that creates where workers may create nothing',
      { applications: { clusterWide: true, isolated: true }, submitters: { rules: [{ submitter: 'native' }] } },
      /submitters chooses "native", but with applications\.isolated workers may create nothing/,
    ],
    [
      'the rights to act as every service account of the cluster',
      { applications: { clusterWide: true, isolated: true } },
      /applications\.clusterWide with applications\.isolated lets workers act as every service account/,
    ],
    [
      'the submitter isolated without its rights',
      { submitters: { canary: [{ submitter: 'isolated', percent: 1 }] } },
      /submitters chooses "isolated", which needs the rights of applications\.isolated/,
    ],
    [
      'a submitter of Jobs that is not configured',
      { applications: { clusterWide: true, isolated: true }, submitters: { default: 'spark-submit-job' } },
      /submitters chooses "spark-submit-job", which needs submitters\.sparkSubmitJob/,
    ],
    ['kubeconfigs for no clusters', { clusters: { secretName: 'kubeconfigs' } }, /but no clusters\.configuration/],
    [
      'a kubeconfig that is in no Secret',
      { clusters: { configuration: { clusters: [{ name: 'west', kubeconfig: 'west.yaml' }] } } },
      /cluster "west" uses the kubeconfig "west.yaml", but clusters\.secretName is not set/,
    ],
    [
      'a monitor of metrics that are off',
      { metrics: { enabled: false, serviceMonitor: { enabled: true } } },
      /metrics\.serviceMonitor\.enabled is true, but metrics\.enabled is false/,
    ],
    [
      'alerts on metrics that are off',
      { metrics: { enabled: false, prometheusRule: { enabled: true } } },
      /metrics\.prometheusRule\.enabled is true, but metrics\.enabled is false/,
    ],
    [
      'a controller pool with an invalid label',
      { controllerPool: { labels: { pool: 'a,b' } } },
      /controllerPool\.labels: pool="a,b" is not a valid label/,
    ],
    ['tenancy without rules', { tenancy: { rules: [] } }, /tenancy\/rules/],
    ['defaults without rules', { defaults: { rules: [] } }, /defaults\/rules/],
    ['an unknown preset', { placement: { preset: 'gkee' } }, /placement\/preset.*'gke'/],
  ])('is refused with %s', async (_, values, message) => {
    await expect(render({ applications: { clusterWide: true }, ...values })).rejects.toThrow(message);
  });

  it('is refused with all that is wrong at once', async () => {
    const values = { replicas: { min: 4 }, clusters: { secretName: 'a' }, applications: { clusterWide: true } };
    await expect(render(values)).rejects.toThrow(/replicas\.min[^]*clusters\.secretName/);
  });

  it('has all presets', async () => {
    const schema = JSON.parse(await readFile('deploy/helm/temporal-spark/values.schema.json', 'utf8')) as {
      properties: { placement: { properties: { preset: { enum: string[] } } } };
    };
    expect(schema.properties.placement.properties.preset.enum).toEqual(Object.keys(presets));
  });

  it('renders to deploy/manifests', async () => {
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
  });

  interface Deployment extends KubernetesObject {
    readonly status: Readonly<
      Partial<Record<'observedGeneration' | 'replicas' | 'updatedReplicas' | 'availableReplicas', number>>
    >;
  }

  it('are one a host again after each rollout', async () => {
    await admin.patch(Resources.deploymentScales, WORKERS, NAME, 'application/merge-patch+json', {
      spec: { replicas: 3 },
    });
    const deployments: Resource<Deployment> = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
    };
    for (const rollout of [1, 2, 3, 4, 5, 6]) {
      const annotations = { 'test/rollout': String(rollout) };
      await admin.patch(deployments, WORKERS, NAME, 'application/merge-patch+json', {
        spec: { template: { metadata: { annotations } } },
      });
      await eventually(`rollout ${rollout}`, async () => {
        const { metadata, status } = (await admin.get(deployments, WORKERS, NAME))!;
        const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
        return (
          observedGeneration === metadata!.generation &&
          [replicas, updatedReplicas, availableReplicas].every((count) => count === 3)
        );
      });
      await expectHosts('control-plane-0', 'control-plane-1', 'control-plane-2');
    }
  });

  it.each<[string, Record<string, string>[], RegExp]>([
    ['CPU', [{ cpu: '2100m', memory: '64Mi' }], /maximum cpu usage per Pod is 2, but limit is 2100m/],
    ['memory', [{ cpu: '100m', memory: '1100Mi' }], /maximum memory usage per Pod is 1Gi, but limit is/],
    [
      'CPU in two containers',
      [
        { cpu: '1500m', memory: '64Mi' },
        { cpu: '1500m', memory: '64Mi' },
      ],
      /maximum cpu usage per Pod is 2, but limit is 3/,
    ],
  ])('and whatever else is in their namespace can take no more than they: %s', async (_, limits, message) => {
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'greedy', namespace: WORKERS },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: limits.map((each, index) => ({
          name: `greedy-${index}`,
          image: 'greedy',
          securityContext,
          resources: { limits: each },
        })),
      },
    };
    await expect(admin.create(Resources.pods, pod, { dryRun: true })).rejects.toThrow(message);
  });

  it('are checked by doctor', async () => {
    const look = async () => {
      const { stdout } = await cli(['doctor', '-n', APPLICATIONS, '-o', 'json'], {
        env: { KUBECONFIG: lab.kubeconfig, TEMPORAL_ADDRESS: lab.temporal!.address },
      });
      return JSON.parse(stdout) as Finding[];
    };
    const healthy = (await look()).filter(({ check }) => /worker|version/.test(check));
    expect(healthy).toEqual([{ status: 'ok', check: 'pods of workers', found: '3, ready, on 3 nodes' }]);
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
      'failed: runs on compute-0, which is not a control plane node',
      'failed: runs on compute-0, which is not a control plane node',
      'warning: 2 of 5: they fail together',
      expect.stringMatching(/^warning: this is version .*, workers run .*unknown/),
    ]);
    for (const name of ['stray', 'another']) await admin.delete(Resources.pods, APPLICATIONS, name);
  });

  it('that are too few, or where they should not be any more, are found by doctor', async () => {
    const findings = async () => {
      const kubernetes = { kubeconfig: lab.kubeconfig };
      const found = await examineCluster({ kubernetes, namespace: APPLICATIONS, version: '0.1.0' });
      return found.filter(({ check, status }) => check.startsWith('worker') && status !== 'ok');
    };
    const scale = (replicas: number) =>
      admin.patch(Resources.deploymentScales, WORKERS, NAME, 'application/merge-patch+json', { spec: { replicas } });
    const label = (value: string | null) =>
      admin.patch(Resources.nodes, undefined, 'control-plane-2', 'application/merge-patch+json', {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': value } },
      });
    await scale(2);
    const tooFew = await eventually('two workers', async () => {
      const found = await findings();
      return found.length === 1 && found;
    });
    expect(tooFew).toMatchObject([
      {
        status: 'warning',
        check: `workers of ${WORKERS}/${NAME}`,
        found: '2 of 3 replicas for 3 controller nodes',
        remedy: expect.stringContaining('deployments/scale') as string,
      },
    ]);
    await scale(3);
    await eventually('all to be well', async () => (await findings()).length === 0);
    await label(null);
    try {
      expect(await findings()).toMatchObject([
        {
          status: 'failed',
          check: expect.stringMatching(`^worker ${WORKERS}/`) as string,
          found: 'runs on control-plane-2, whose labels no longer match its node affinity',
        },
      ]);
    } finally {
      await label('');
    }
  });

  it('of a previous version stay unchanged next to those of a new one', async () => {
    const namespace = 'versions';
    await restrictedNamespace(namespace);
    interface Workers extends KubernetesObject {
      readonly spec: { readonly selector: object; readonly template: Pod };
    }
    const renderVersion = (tag: string, keepVersions: string[] = []) =>
      render(
        {
          image: { repository: 'temporal-spark', tag },
          applications: { namespaces: [namespace] },
          quota: { enabled: false },
          versioning: { enabled: true, keepVersions },
          priorityClass: { create: false },
          readNodes: false,
        },
        namespace,
      );
    const workersOf = (rendered: readonly KubernetesObject[]) =>
      rendered.filter(({ kind }) => kind === 'Deployment') as Workers[];
    const first = await renderVersion('1.0');
    const [old, ...none] = workersOf(first);
    expect(none).toEqual([]);
    const second = workersOf(await renderVersion('1.1', ['1.0']));
    expect(second.map(({ metadata }) => metadata!.name)).toEqual(['temporal-spark-1-1', 'temporal-spark-1-0']);
    // Nothing that would restart its pods, not even the version of the chart.
    expect(second[1]!.spec).toEqual(old!.spec);
    expect(JSON.stringify(old!.spec)).not.toContain('helm.sh/chart');
    expect(second[0]!.spec.template.spec!.containers[0]!.env).toContainEqual({
      name: 'TEMPORAL_SPARK_BUILD_ID',
      value: '1.1',
    });
    await createObjects(lab.kubeconfig, first);
    // What else they share is there.
    await createObjects(lab.kubeconfig, [second[0]!]);
    const running = await eventually('a worker of each version', async () => {
      const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
      return items.length === 2 && items.every(isWorker) && items;
    });
    expect(running.map(({ metadata }) => metadata!.labels!['temporal-spark/build-id']).sort()).toEqual(['1.0', '1.1']);
    expect(running.map(({ spec }) => spec!.nodeName!.replace(/\d$/, ''))).toEqual(['control-plane-', 'control-plane-']);
  });

  it('that follow the nodes may do so for each version, and for no other Deployment', async () => {
    const values = {
      image: { repository: 'temporal-spark', tag: '1.1' },
      applications: { clusterWide: true },
      versioning: { enabled: true, keepVersions: ['1.0'] },
    };
    const role = (await render(values)).find(({ metadata }) => metadata?.name === `${NAME}-replicas`);
    expect(role).toMatchObject({ rules: [{ resourceNames: [`${NAME}-1-1`, `${NAME}-1-0`] }] });
  });

  it('run on the controller pool that a managed cluster names', async () => {
    const namespace = 'managed';
    await restrictedNamespace(namespace);
    const rendered = await render(
      {
        applications: { namespaces: [namespace] },
        quota: { enabled: false },
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

/** Workers that create what applications need themselves, and workers that have each application's account do it. */
describe.each([
  { mode: 'whole', submitter: new NativeSubmitter() },
  { mode: 'isolated', submitter: new IsolatedSubmitter() },
  { mode: 'token', submitter: new IsolatedSubmitter({ rights: 'token' }) },
])("the workers' rights: $mode", ({ mode, submitter }) => {
  const isolated = mode !== 'whole';
  const workers = isolated ? `${mode}-workers` : WORKERS;
  const applications = isolated ? `${mode}-applications` : APPLICATIONS;
  const account = isolated ? `${mode}-${NAME}` : NAME;
  let env: Environment;
  let granted: ReadonlySet<string>;
  const labels = { 'kubernetes.io/metadata.name': applications };
  const tenancy = new Tenancy(parseTenancy({ rules: [{ name: 'spark', namespaceLabels: labels }] }));

  beforeAll(async () => {
    const installed = isolated ? await install() : objects;
    granted = grantsOf(installed, account);
    const kubeconfig = await serviceAccountKubeconfig(lab, workers, account);
    env = await connectEnvironment({ kubeconfig, temporalAddress: lab.temporal!.address, namespace: applications });
  });

  /** Another release, next to the first. */
  async function install(): Promise<KubernetesObject[]> {
    await restrictedNamespace(workers);
    await api.create('/api/v1/namespaces', { metadata: { name: applications } });
    const values = {
      applications: { namespaces: [applications], isolated, rights: RIGHTS },
      tenancy: TENANCY,
      submitters: mode === 'token' ? { isolated: { rights: 'token' } } : {},
    };
    const text = JSON.stringify(await render(values, workers))
      .replaceAll(`"name":"${NAME}`, `"name":"${account}`)
      .replace(`"resourceNames":["${NAME}"]`, `"resourceNames":["${account}"]`);
    const installed = JSON.parse(text) as KubernetesObject[];
    await createObjects(lab.kubeconfig, installed);
    return installed;
  }

  afterAll(() => env?.close());

  const pi = (name: string, annotations: Record<string, string> = {}) =>
    sparkPi({ name, namespace: applications, annotations });

  /** With one of each object that may be created with a driver. */
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

  function submit(
    manifest: SparkApplicationManifest,
    placement: PlacementConfiguration = {},
    by: SparkApplicationSubmitter = submitter,
  ): Promise<unknown> {
    const activities = createSparkActivities({ kubernetes: env.kubernetes, placement, submitter: by });
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
      { startToCloseTimeoutMs: 30_000, scheduleToCloseTimeoutMs: 0 },
      { client: env.client, logger: new DefaultLogger('ERROR', () => undefined) },
    );

  it('are enough for whatever workers do, and each verb is used', async () => {
    await withWorker(
      env,
      async () => {
        await (await env.spark.start(pi('completes'))).result();
        await (await env.spark.start(pi('completes'))).result(); // the first driver makes way
        await failureOf((await env.spark.start(pi('fails', { 'lab.temporal-spark/exit-code': '3' }))).result());
        const killed = await env.spark.start(pi('killed', RUN_FOREVER));
        const driver = await eventually('a driver that runs', async () => {
          const pod = await admin.get(Resources.pods, applications, 'killed-driver');
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
        const progress = new DriverProgress(env.kubernetes);
        await progress.ask(driver);
        progress.close();
        await killed.kill();
        await failureOf(killed.result());
      },
      { submitter, tenancy },
    );
    await submitTwice(furnished('volcano', 'volcano'));
    await submitTwice(furnished('coscheduling', 'scheduler-plugins-scheduler'));
    if (!isolated) await together();
    await queue();
    await outputs();
    await housekeeping();
    await replicas();

    const user = `system:serviceaccount:${workers}:${account}`;
    // Every account may ask for its own rights and the server's version.
    const used = await eventually('the audit log to be written', async () => {
      const found = await requestsOf(lab.auditLog!, user);
      return [...granted].every((grant) => found.has(grant)) && found;
    }).catch(() => requestsOf(lab.auditLog!, user));
    expect([...used].sort()).toEqual([...granted].sort());
  });

  /** Two that share their configuration. */
  async function together(): Promise<void> {
    const batch = new BatchSubmitter({ windowMs: 10_000, windowSize: 2 });
    await Promise.all(['one', 'other'].map((name) => submit(pi(name), {}, batch)));
  }

  /** The place in a queue follows from the priority class. */
  async function queue(): Promise<void> {
    const manifest = pi('queues');
    manifest.spec.driver.priorityClassName = 'system-cluster-critical';
    const answer = await submit(manifest, { pools: { compute: { admission: { maxApplications: 1 } } } });
    expect(answer).toMatchObject({ queue: 'compute', priority: 2_000_000_000 });
  }

  /** Those of a pipeline's stage; this one left none. */
  async function outputs(): Promise<void> {
    const activities = createSparkActivities({ kubernetes: env.kubernetes });
    const input = { namespace: applications, sparkApplicationId: 'spark-none', names: ['rows'] };
    const read = activityEnvironment().run(() => activities.readStageOutputs(input));
    await expect(read).rejects.toMatchObject({ type: 'MissingOutput', nonRetryable: true });
  }

  /** A driver whose workflow was terminated is released, and the event has the reason. */
  async function housekeeping(): Promise<void> {
    await withWorker(
      env,
      async () => {
        const orphan = await env.spark.start(pi('orphan'));
        await eventually('its driver', () => admin.get(Resources.pods, applications, 'orphan-driver'));
        await env.client.workflow.getHandle(orphan.workflowId).terminate();
      },
      { submitter, tenancy },
    );
    const sweep = () =>
      sweepSparkDrivers(
        { names: [undefined], client: async () => env.kubernetes },
        { namespace: applications, graceMs: 0 },
      );
    await eventually('a release', async () => {
      const report: SweepReport = await activityEnvironment().run(sweep);
      return report.released > 0;
    });
  }

  async function replicas(): Promise<void> {
    const scale = { spec: { replicas: 1 } };
    await admin.patch(Resources.deploymentScales, workers, account, 'application/merge-patch+json', scale);
    const options = { namespace: workers, deployment: account, nodeSelector: 'node-role.kubernetes.io/control-plane' };
    const stop = keepReplicas(env.kubernetes, { ...options, min: 1, max: 3 }, () => undefined);
    await eventually('three replicas', async () => {
      const now = await admin.get(Resources.deploymentScales, workers, account);
      return now?.spec?.replicas === 3;
    }).finally(stop);
  }

  it('do not reach into other namespaces', async () => {
    const manifest = { ...pi('elsewhere'), metadata: { name: 'elsewhere', namespace: 'default' } };
    await expect(submit(manifest)).rejects.toMatchObject({
      type: 'Forbidden',
      message: expect.stringContaining('grant the verb "get" on "pods" in namespace "default" with a Role') as string,
    });
  });
});

it.each<[string, object]>([
  ['many namespaces', { namespaces: ['team-a', 'team-b'] }],
  ['all namespaces', { clusterWide: true }],
])("the workers' rights are the same in %s", async (_, where) => {
  const rendered = await render({ applications: { ...where, rights: RIGHTS }, tenancy: TENANCY });
  expect(grantsOf(rendered, NAME)).toEqual(grantsOf(objects, NAME));
  const reach = rendered.filter(
    ({ kind, metadata }) => kind?.endsWith('RoleBinding') === true && metadata?.name === NAME,
  );
  expect(reach.map(({ kind, metadata }) => `${kind} ${metadata?.namespace}`)).toEqual(
    'clusterWide' in where ? ['ClusterRoleBinding undefined'] : ['RoleBinding team-a', 'RoleBinding team-b'],
  );
});

it.each([
  { mode: 'whole', isolated: undefined },
  { mode: 'isolated', isolated: 'impersonation' },
  { mode: 'isolated, by token', isolated: 'token' },
  { mode: 'whole, of an operator', isolated: undefined, operator: true },
  { mode: 'isolated, of an operator', isolated: 'impersonation', operator: true },
] as const)("the workers' rights are those that doctor checks: $mode", async ({ isolated, ...rest }) => {
  const operator = 'operator' in rest;
  const permissions = [...applicationPermissions(isolated), ...(operator ? OPERATOR_PERMISSIONS : [])];
  const asked = new Set(
    [...permissions, ...CLUSTER_PERMISSIONS].flatMap(({ group, resource, verbs }) =>
      verbs.map((verb) => `${verb} ${group === undefined ? '' : `${group}/`}${resource}`),
    ),
  );
  const rendered = await render({
    applications: { namespaces: [APPLICATIONS], isolated: isolated !== undefined, rights: RIGHTS },
    submitters: isolated === undefined ? {} : { isolated: { rights: isolated } },
    operator: { enabled: operator },
  });
  // What some values grant, and the workers' own replicas.
  const optional = /ingresses|grpcroutes|podgroups|scale/;
  expect([...asked].sort()).toEqual([...grantsOf(rendered, NAME)].filter((grant) => !optional.test(grant)).sort());
});

it('helm itself finds nothing to complain about', async () => {
  const { ensureTools } = await import('../../lab/toolchain/toolchain.ts');
  const { tools } = await import('../../lab/toolchain/tools.ts');
  const [helm] = await ensureTools([tools.helm]);
  const required = 'image.repository=a,temporal.address=t:1,applications.clusterWide=true';
  const { stdout } = await execa(helm!, ['lint', '--strict', 'deploy/helm/temporal-spark', '--set', required]);
  expect(stdout).toContain('0 chart(s) failed');
});
