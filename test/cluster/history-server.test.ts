import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { DRIVER_SELECTOR } from '../../src/activities/housekeeping/driver-sweep.ts';
import { HISTORY_SERVER } from '../../src/spark/history/history-server-pod.ts';
import { Label } from '../../src/spark/metadata.ts';
import { root } from '../support/build.ts';
import { serviceAccountKubeconfig } from '../support/chart.ts';
import { cliEnvironment } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';

const cluster = useCluster('history', { worker: {} });
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'history-server-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** An application with event logs that has completed. */
async function completed(name: string): Promise<string> {
  const manifest = cluster.pi(name);
  const sparkConf = { 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': 's3a://logs/events' };
  const { spec } = manifest;
  const volumes = [{ name: 'settings', configMap: { name: 'settings', optional: true } }];
  const driver = { ...spec.driver, volumeMounts: [{ name: 'settings', mountPath: '/settings' }] };
  const application = await cluster.env.spark.start({ ...manifest, spec: { ...spec, sparkConf, volumes, driver } });
  await application.result();
  return application.workflowId;
}

/** Runs `temporal-spark ui` until it is interrupted, or ends. */
function ui(workflowId: string, ...[kubeconfig = cluster.env.kubeconfig, ...args]: string[]) {
  const command = spawn(
    process.execPath,
    [join(root, 'src/cli/main.ts'), 'ui', workflowId, '--address', cluster.env.temporalAddress, ...args],
    { env: cliEnvironment({ KUBECONFIG: kubeconfig }), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void command.kill('SIGKILL'));
  const run = { command, stderr: '', exit: once(command, 'exit') };
  command.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()));
  return run;
}

/** The pods of history servers, for the application. */
async function serversOf(name: string): Promise<Pod[]> {
  const { kubernetes, namespace } = cluster.env;
  const labelSelector = `${HISTORY_SERVER},${Label.AppName}=${name}`;
  return (await kubernetes.page(Resources.pods, namespace, undefined, { labelSelector })).items;
}

const gone = (name: string) => eventually('the pod to be deleted', async () => (await serversOf(name)).length === 0);

/** A service account of the namespace with these rules. */
async function account(name: string, rules: readonly object[]): Promise<string> {
  const { kubeconfig, namespace } = cluster.env;
  const api = await ApiServer.connect(kubeconfig);
  try {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
    await api.create(`${rbac}/roles`, { metadata: { name }, rules });
    await api.create(`${rbac}/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
  } finally {
    api.close();
  }
  return serviceAccountKubeconfig({ kubeconfig, directory }, namespace, name);
}

/** The rules of a Role in docs/spark-ui.md, by their order there. */
async function documentedRules(index: number): Promise<readonly object[]> {
  const text = await readFile(join(root, 'docs', 'spark-ui.md'), 'utf8');
  const roles = [...text.matchAll(/```yaml\n(rules:\n[^`]+)```/g)];
  return (parse(roles[index]![1]!) as { rules: object[] }).rules;
}

it('runs a pod that no selector of drivers matches, with the documented rights, and deletes it at Ctrl-C', async () => {
  const workflowId = await completed('shown');
  const rules = [...(await documentedRules(0)), ...(await documentedRules(1))];
  const run = ui(workflowId, await account('viewer', rules));
  const pod = await eventually('the pod to run', async () => {
    if (run.command.exitCode !== null) throw new Error(run.stderr);
    const [server] = await serversOf('shown');
    return server?.status?.phase === 'Running' && server;
  });
  expect(pod.metadata!.name).toMatch(/^shown-history-/);
  expect(pod.spec).toMatchObject({
    serviceAccountName: 'spark',
    activeDeadlineSeconds: 28_800,
    restartPolicy: 'Never',
  });
  const { items } = await cluster.env.kubernetes.page(Resources.pods, cluster.env.namespace, undefined, {
    labelSelector: DRIVER_SELECTOR,
  });
  expect(items.map(({ metadata }) => metadata!.name)).toEqual(['shown-driver']);
  run.command.kill('SIGINT');
  expect(await run.exit).toEqual([130, null]);
  await gone('shown');
});

it('reports a pod that no node takes while it waits, and deletes it when its terminal is closed', async () => {
  const workflowId = await completed('unplaced');
  const { kubernetes, namespace } = cluster.env;
  await kubernetes.delete(Resources.pods, namespace, 'unplaced-driver');
  await eventually('the driver to be gone', async () => (await cluster.driverOf('unplaced')) === undefined);
  const placementFile = join(directory, 'placement.yaml');
  await writeFile(
    placementFile,
    'pools: { none: { labels: { no: node } } }\nprofiles: { default: { driver: none, executor: none } }\n',
  );
  const run = ui(workflowId, cluster.env.kubeconfig, '--placement-file', placementFile);
  await eventually('the reason', () => {
    if (run.command.exitCode !== null) throw new Error(run.stderr);
    return /Waiting for pod \S+\/unplaced-history-\w+: Unschedulable: .*nodes are available/.test(run.stderr);
  });
  run.command.kill('SIGHUP');
  expect(await run.exit).toEqual([130, null]);
  await gone('unplaced');
});

it('creates nothing without the right to, and names the right', async () => {
  const workflowId = await completed('forbidden');
  const run = ui(workflowId, await account('reader', await documentedRules(0)));
  expect(await run.exit).toEqual([1, null]);
  expect(run.stderr).toMatch(/Cannot show the event log of \S+\/forbidden: .*grant the verb "create" on "pods"/);
  expect(await serversOf('forbidden')).toEqual([]);
});
