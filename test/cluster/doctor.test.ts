import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Finding } from '../../src/cli/commands/doctor/finding.ts';
import { PatchType, Resources } from '../../src/kubernetes/index.ts';
import type { Deployment } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { cli } from '../support/cli.ts';
import { installCrds } from '../support/crds.ts';
import { chartObjects, serviceAccountKubeconfig } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('doctor');
let temporalNamespace: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doctor-'));
  const { client, namespace } = cluster.env;
  temporalNamespace = namespace;
  await client.workflowService.registerNamespace({
    namespace: temporalNamespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
  });
  await eventually('the namespace of Temporal', () => setup().then(({ code }) => code === 0));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

type Long = NonNullable<
  NonNullable<
    Parameters<typeof cluster.env.client.workflowService.registerNamespace>[0]['workflowExecutionRetentionPeriod']
  >['seconds']
>;

const environment = (): Record<string, string> => ({
  KUBECONFIG: cluster.env.kubeconfig,
  TEMPORAL_ADDRESS: cluster.env.temporalAddress,
  TEMPORAL_NAMESPACE: temporalNamespace,
  TEMPORAL_SPARK_TASK_QUEUE: cluster.env.taskQueue,
});

const setup = () => cli(['setup', '-n', cluster.env.namespace], { env: environment() });

async function doctor(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number | null; findings: Finding[] }> {
  const given = ['doctor', '-n', cluster.env.namespace, '-o', 'json', ...args];
  const { code, stdout, stderr } = await cli(given, { env: { ...environment(), ...env } });
  if (stdout === '') throw new Error(stderr);
  return { code, findings: JSON.parse(stdout) as Finding[] };
}

/** Other files of the suite may add and remove a node meanwhile. */
async function countNodes(): Promise<number> {
  let count = 0;
  for await (const page of cluster.env.kubernetes.list(Resources.nodes, undefined)) count += page.length;
  return count;
}

const those = (findings: readonly Finding[], status: Finding['status']) =>
  findings.filter((finding) => finding.status === status);

describe('doctor', () => {
  it('finds a healthy system healthy, as a table and with exit code 0', async () => {
    const nodesBefore = await countNodes();
    const worker = await startWorkerProcess({ ...cluster.env, env: { TEMPORAL_NAMESPACE: temporalNamespace } });
    try {
      const { code, findings } = await doctor();
      expect(those(findings, 'failed')).toEqual([]);
      // Its workers are no pods.
      expect(those(findings, 'warning').map(({ check }) => check)).toEqual(['pods of workers']);
      expect(code).toBe(0);
      const table = await cli(['doctor', '-n', cluster.env.namespace], { env: environment() });
      expect(table.stdout).toMatch(/^ok {7}task queue \S+ +1 worker polls$/m);
      expect(table.stdout).toMatch(/^ok {7}permissions in namespace \S+ +all \d+$/m);
      const pool = /^ok {7}pool compute \(profile default\) +(\d+) nodes; the largest has 1000 CPUs and 4Ti/m;
      expect(table.stdout).toMatch(pool);
      expect([nodesBefore, await countNodes()]).toContain(Number(pool.exec(table.stdout)![1]));
      expect(table.stdout).toMatch(/^warning {2}pods of workers .*\n +-> install the chart/m);
      expect(table.stdout).toMatch(/\d+ checks: 0 failed, 1 warning\n$/);
    } finally {
      await worker.end('SIGTERM');
    }
  });

  it("finds what is wrong with the workers' configuration", async () => {
    const { kubernetes, namespace } = cluster.env;
    const labels = { 'app.kubernetes.io/name': 'temporal-spark' };
    const configMap = (name: string, data: Record<string, string>) =>
      kubernetes.create(Resources.configMaps, { metadata: { name, namespace, labels }, data });
    await configMap('submitters', {
      'submitters.yaml':
        'rules: [{submitter: naitve}, {submitter: mine}]\nmodules: [{name: mine, module: ./mine.js}]\n',
    });
    await configMap('others', { 'clusters.yaml': 'clusters: [{name: east}]', 'placement.yaml': 'preset: nowhere' });
    try {
      const { code, findings } = await doctor();
      const ours = findings.filter(({ check }) => check.includes(` of ${namespace}/`));
      expect(ours).toMatchObject([
        { status: 'ok', check: `clusters.yaml of ${namespace}/others` },
        { status: 'failed', check: `placement.yaml of ${namespace}/others` },
        {
          status: 'failed',
          check: `submitters.yaml of ${namespace}/submitters`,
          found: expect.stringContaining('did you mean "native"?') as string,
          remedy: expect.stringContaining('keep the previous file') as string,
        },
      ]);
      expect(ours[2]!.found).not.toContain('"mine"');
      expect(code).toBe(1);
    } finally {
      for (const name of ['submitters', 'others']) await kubernetes.delete(Resources.configMaps, namespace, name);
    }
  });

  it('finds two operators that serve the same resources', async () => {
    const { kubernetes, namespace } = cluster.env;
    const values = {
      applications: { namespaces: [namespace] },
      operator: { enabled: true },
      quota: { enabled: false },
    };
    const objects = await chartObjects({ namespace, directory, values });
    const own = objects.find(({ kind }) => kind === 'Deployment') as Deployment;
    const labels = { 'app.kubernetes.io/name': 'spark-operator', 'app.kubernetes.io/component': 'controller' };
    const image = 'ghcr.io/kubeflow/spark-operator/controller:2.5.2';
    const args = ['controller', 'start', `--namespaces=${namespace},elsewhere`];
    const containers = [{ name: 'spark-operator-controller', image, args }];
    const template = { metadata: { labels }, spec: { containers } };
    const metadata = { name: 'spark-operator-controller', namespace };
    const other = { metadata, spec: { selector: { matchLabels: labels }, template } };
    const about = ({ findings }: { findings: Finding[] }) =>
      findings.filter(({ check, found }) => check.startsWith('operator') && `${check} ${found}`.includes(namespace));
    try {
      for (const { metadata: given, spec } of [own, other as Deployment]) {
        // Paused: no pods are needed.
        const object = { metadata: { ...given, namespace }, spec: { ...spec!, paused: true } };
        await kubernetes.create(Resources.deployments, object);
      }
      const both = await doctor();
      const remedy = `kubectl -n ${namespace} scale deployment spark-operator-controller --replicas=0`;
      expect(about(both)).toMatchObject([
        {
          status: 'failed',
          check: 'operators of SparkApplications',
          remedy: expect.stringContaining(remedy) as string,
        },
      ]);
      expect(about(both)[0]!.found).toContain(`${namespace}/spark-operator-controller (Spark operator of Kubeflow)`);
      expect(about(both)[0]!.found).toContain(
        `both serve SparkApplications and SparkConnects in: ${namespace}; both would run them`,
      );
      expect(both.code).toBe(1);
      const scale = { spec: { replicas: 0 } };
      await kubernetes.patch(Resources.deployments, namespace, metadata.name, PatchType.Merge, scale);
      expect(about(await doctor())).toMatchObject([
        { status: 'ok', found: `temporal-spark; serves namespaces: ${namespace}` },
      ]);
    } finally {
      for (const { name } of [own.metadata!, metadata])
        await kubernetes.delete(Resources.deployments, namespace, name!);
    }
  });

  it('reports what is missing in Temporal, and what to do', async () => {
    const { code, findings } = await doctor(['--task-queue', 'nobody-polls-this']);
    expect(those(findings, 'failed')).toEqual([
      {
        status: 'failed',
        check: 'task queue nobody-polls-this',
        found: 'no worker polls it',
        remedy: expect.stringContaining('start a worker') as string,
      },
    ]);
    expect(code).toBe(1);
    const elsewhere = await doctor(['--temporal-namespace', 'nowhere']);
    expect(those(elsewhere.findings, 'failed')).toMatchObject([{ check: 'Temporal namespace nowhere' }]);
  });

  it('names the missing permissions of an account, and the effect', async () => {
    const { env } = cluster;
    const kubeconfig = await serviceAccountKubeconfig(
      { kubeconfig: env.kubeconfig, directory },
      env.namespace,
      'spark',
    );
    const { code, findings } = await doctor([], { KUBECONFIG: kubeconfig });
    const check = (name: string) => findings.find((finding) => finding.check.startsWith(name));
    expect(check('pods/log in namespace')).toMatchObject({
      status: 'warning',
      found: expect.stringMatching(/may not get: .*log/) as string,
    });
    expect(check('nodes in the cluster')).toMatchObject({
      status: 'warning',
      remedy: expect.stringContaining('ClusterRole') as string,
    });
    expect(check('pods in namespace')).toBeUndefined();
    expect(check('nodes')).toBeDefined();
    const nothing = await serviceAccountKubeconfig({ kubeconfig: env.kubeconfig, directory }, env.namespace, 'default');
    const denied = await doctor([], { KUBECONFIG: nothing });
    expect(denied.findings).toContainEqual(
      expect.objectContaining({
        status: 'failed',
        check: `pods in namespace ${env.namespace}`,
        found: 'may not create, get, list, watch, patch, delete',
      }),
    );
    // What it lacks, applications can do without.
    expect([code, denied.code]).toEqual([0, 1]);
  });

  it.each([
    ['impersonation', ['--isolated'], 'serviceaccounts', 'may not impersonate'],
    ['token', ['--isolated', 'token'], 'serviceaccounts/token', 'may not create'],
  ])('asks for the rights of isolated submitters: %s', async (_, args, resource, found) => {
    const { env } = cluster;
    const kubeconfig = await serviceAccountKubeconfig(
      { kubeconfig: env.kubeconfig, directory },
      env.namespace,
      'default',
    );
    const denied = await doctor(args, { KUBECONFIG: kubeconfig });
    expect(those(denied.findings, 'failed').map(({ check, found }) => [check, found])).toContainEqual([
      `${resource} in namespace ${env.namespace}`,
      found,
    ]);
    // It needs not create what it may not.
    expect(denied.findings).toContainEqual(
      expect.objectContaining({
        check: `pods in namespace ${env.namespace}`,
        found: 'may not get, list, watch, patch, delete',
      }),
    );
    expect(denied.findings.filter(({ check }) => /^(services|persistentvolumeclaims) /.test(check))).toEqual([]);
    expect(denied.code).toBe(1);
  });

  it('checks the kinds and the permissions of an operator', async () => {
    const { env } = cluster;
    await installCrds(env.kubernetes);
    const { findings } = await doctor(['--operator']);
    expect(findings).toContainEqual({
      ...{ status: 'ok', check: 'kinds of the operator' },
      found: 'SparkApplication, ScheduledSparkApplication, SparkConnect',
    });
    const kubeconfig = await serviceAccountKubeconfig(
      { kubeconfig: env.kubeconfig, directory },
      env.namespace,
      'default',
    );
    const denied = await doctor(['--operator'], { KUBECONFIG: kubeconfig });
    const about = (resource: string) =>
      denied.findings.find(({ check }) => check === `${resource}.sparkoperator.k8s.io in namespace ${env.namespace}`);
    expect(about('sparkapplications')).toMatchObject({ status: 'failed' });
    expect(about('sparkconnects')).toMatchObject({
      ...{ status: 'warning', found: 'may not list, watch: SparkConnects are not served' },
    });
  });

  it('reports which nodes fit the pods of a manifest, and the nearest one where none does', async () => {
    const { namespace } = cluster.env;
    const written = async (name: string, change: (manifest: SparkApplicationManifest) => void) => {
      const manifest = cluster.pi(name);
      change(manifest);
      const file = join(directory, `${name}.yaml`);
      await writeFile(file, stringify(manifest));
      return file;
    };
    const about = ({ findings }: { findings: Finding[] }, name: string) =>
      findings.filter(({ check }) => check.endsWith(`application ${namespace}/${name}`));
    const before = await countNodes();
    const fits = await doctor([
      '--manifest',
      await written('fits', ({ spec }) => {
        spec.executor.instances = 2;
      }),
    ]);
    expect(about(fits, 'fits')).toMatchObject([
      {
        status: 'ok',
        check: `application ${namespace}/fits`,
        found: expect.stringContaining('pool compute') as string,
      },
      {
        status: 'ok',
        check: `driver of application ${namespace}/fits`,
        found: expect.stringMatching(
          /^requests cpu \S+, memory \S+i; 3 of \d+ nodes admit it \(pool compute\), 3 of them large enough: \S+, \S+, \S+; room for \d+, 1 requested$/,
        ) as string,
      },
      {
        status: 'ok',
        check: `executor of application ${namespace}/fits`,
        found: expect.stringMatching(/, 2 requested$/) as string,
      },
    ]);
    const total = Number(/ 3 of (\d+) nodes /.exec(about(fits, 'fits')[1]!.found)![1]);
    expect([before, await countNodes()]).toContain(total);
    const large = await doctor([
      '--manifest',
      await written('large', ({ spec }) => {
        spec.driver.memory = '8000g';
        spec.executor.instances = 4;
        spec.executor.memory = '3000g';
      }),
    ]);
    expect(about(large, 'large').slice(1)).toMatchObject([
      {
        status: 'failed',
        found: expect.stringMatching(
          /^fits no node: .*3 of \d+ nodes admit it .*nearest is \S+: the pod requests memory/,
        ) as string,
        remedy: expect.stringContaining('request less') as string,
      },
      {
        status: 'warning',
        found: expect.stringMatching(/; room for 3 when they are empty, 4 requested$/) as string,
        remedy: 'add nodes, or request fewer executors',
      },
    ]);
    expect(large.code).toBe(1);
    const refused = await doctor([
      '--manifest',
      await written('refused', ({ spec }) => {
        spec.nodeSelector = { 'node-role.kubernetes.io/control-plane': '' };
      }),
    ]);
    expect(about(refused, 'refused')).toMatchObject([
      { status: 'failed', found: expect.stringContaining('control plane') as string },
    ]);
    expect(refused.code).toBe(1);
  });

  it('reports that Temporal, the cluster or a file cannot be reached', async () => {
    const broken = join(directory, 'broken.yaml');
    await writeFile(broken, 'preset: gkee');
    const { code, findings } = await doctor(['--placement-file', broken, '--client-connect-timeout', '200ms'], {
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_SPARK_CLIENT_CONNECT_TIMEOUT: '200ms',
      KUBECONFIG: '/nowhere',
    });
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      { status: 'failed', check: 'Temporal', found: expect.stringContaining('127.0.0.1:1') as string },
      {
        status: 'failed',
        check: `placement file ${broken}`,
        found: expect.stringContaining('did you mean "gke"') as string,
      },
      { status: 'failed', check: 'Kubernetes', remedy: expect.stringContaining('KUBECONFIG') as string },
    ]);
  });

  it('compares pools with the nodes, and reports pods that fit no node', async () => {
    const { kubernetes, namespace } = cluster.env;
    const file = join(directory, 'placement.yaml');
    await writeFile(file, 'pools: {compute: {labels: {kubernetes.io/hostnme: node-1}}}');
    const manifest = cluster.pi('stuck');
    await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stuck', namespace, labels: { 'temporal-spark/submission-id': 'some' } },
      spec: { containers: [{ name: 'main', image: manifest.spec.image! }], nodeSelector: { no: 'node' } },
    });
    await eventually('the scheduler to give up', async () => {
      const pod = await kubernetes.get(Resources.pods, namespace, 'stuck');
      return pod?.status?.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'False');
    });
    const { findings } = await doctor(['--placement-file', file]);
    expect(findings.find(({ check }) => check.startsWith('pool compute'))).toMatchObject({
      status: 'failed',
      found: 'no node',
      remedy: expect.stringContaining('but some have kubernetes.io/hostname') as string,
    });
    expect(findings.find(({ check }) => check.startsWith('scheduling'))).toMatchObject({
      status: 'warning',
      found: expect.stringMatching(/1 of 1 pods are pending; .*stuck: .*didn't match/) as string,
    });
  });
});
