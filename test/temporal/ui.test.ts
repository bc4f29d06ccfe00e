import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { HISTORY_SERVER } from '../../src/spark/history/history-server-pod.ts';
import { Label } from '../../src/spark/metadata.ts';
import { root } from '../support/build.ts';
import { fakeHistoryServer } from '../support/history-server.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { sparkPi } from '../support/manifests.ts';
import { portForwardServer, type PortForwardServer } from '../support/port-forward-server.ts';
import { startScriptedWorker } from '../support/scripted-worker.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import type { RunningWorker } from '../support/environment.ts';
import type { CliResult } from '../support/cli.ts';

const temporal = useTemporal('ui');
let worker: RunningWorker;
let cluster: PortForwardServer;
let directory: string;
let kubeconfig: string;
let spark: Server;

beforeAll(async () => {
  worker = await startScriptedWorker(temporal.env);
  cluster = await portForwardServer();
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-ui-'));
  kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, cluster.config().exportConfig());
  spark = createServer((_, response) => response.end('[]')).listen(0, '127.0.0.1');
  await once(spark, 'listening');
});

afterAll(async () => {
  await worker?.stop();
  await cluster?.[Symbol.asyncDispose]();
  spark?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Starts an application whose name decides what becomes of it, and waits for its state. */
async function application(name: string, state: string, sparkConf: Record<string, string> = {}): Promise<string> {
  const { spark: client, namespace } = temporal.env;
  const manifest = sparkPi({ name, namespace });
  const { workflowId } = await client.start({ ...manifest, spec: { ...manifest.spec, sparkConf } });
  await eventually(`${name} to be ${state}`, async () => (await client.describe(workflowId)).state === state);
  onTestFinished(async () => {
    await temporal.env.client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
  });
  return workflowId;
}

/** The driver pod of the application, in a phase. */
async function podOf(workflowId: string, phase: string): Promise<string> {
  const { status } = await temporal.env.spark.describe(workflowId);
  const { namespace, driverPodName, submissionId } = status!;
  const labels = { [Label.SubmissionId]: submissionId! };
  const name = driverPodName!;
  const waiting = { name: 'spark-kubernetes-driver', state: { waiting: { reason: 'ImagePullBackOff' } } };
  const pod = {
    metadata: { name, namespace, uid: name, labels },
    spec: { containers: [{ name: 'spark-kubernetes-driver' }] },
    status: { phase, ...(phase === 'Pending' ? { containerStatuses: [waiting] } : {}) },
  };
  cluster.pods.set(`${namespace}/${name}`, pod as unknown as Pod);
  return `${namespace}/${name}`;
}

const ui = (...args: string[]): Promise<CliResult> =>
  inProcess(['ui', ...args, '--address', temporal.env.temporalAddress, '--answer-timeout', '5s'], {
    env: { KUBECONFIG: kubeconfig },
  });

const runningContainer = {
  ...{ name: 'history-server', image: '', imageID: '', ready: true, restartCount: 0 },
  state: { running: {} },
};

const logged = { 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': 's3a://logs/events' };

/** The command, once it has printed its link. */
async function served(workflowId: string) {
  const command = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'ui', workflowId], {
    env: { ...process.env, KUBECONFIG: kubeconfig, TEMPORAL_ADDRESS: temporal.env.temporalAddress },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(command, 'exit');
  const [stdout, stderr] = [text(command.stdout), text(command.stderr)];
  await Promise.race([once(command.stdout, 'data'), exit]);
  return { command, exit, stdout, stderr };
}

it("forwards a running driver's UI until the driver ends, and names the next command", async () => {
  const workflowId = await application('running-served', 'RUNNING', { ...logged, 'spark.ui.port': '4055' });
  const pod = await podOf(workflowId, 'Running');
  cluster.ports.set(`${pod}:4055`, (spark.address() as AddressInfo).port);
  const { exit, stdout, stderr } = await served(workflowId);
  await podOf(workflowId, 'Succeeded');
  expect({ exit: await exit, stderr: await stderr }).toMatchObject({ exit: [0, null] });
  expect(await stdout).toMatch(/^http:\/\/localhost:\d+\n$/);
  expect(await stderr).toMatch(/The driver of \S+\/running-served has ended, and its UI with it\./);
  expect(await stderr).toContain(`temporal-spark describe ${temporal.env.namespace}/running-served --watch`);
  expect(await stderr).toContain(`temporal-spark ui ${temporal.env.namespace}/running-served`);
});

it('reports a driver that has not started, whose UI is disabled, or whose pod is gone', async () => {
  const pulling = await application('pulling-image', 'SUBMITTED');
  await podOf(pulling, 'Pending');
  expect(await ui(pulling)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/has not started: ImagePullBackOff.*temporal-spark describe/) as string,
  });
  const disabled = await application('running-disabled', 'RUNNING', { 'spark.ui.enabled': 'false' });
  await podOf(disabled, 'Running');
  expect(await ui(disabled)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/has no UI: its manifest sets spark\.ui\.enabled to false/) as string,
  });
  const gone = await application('running-gone', 'RUNNING');
  expect(await ui(gone)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is RUNNING, but its driver pod no longer exists/) as string,
  });
});

it('links an application that has ended to the history server', async () => {
  const workflowId = await application('completed-logged', 'COMPLETED', logged);
  const { stdout, stderr, code } = await ui(workflowId, '--history-server', 'http://127.0.0.1:1/');
  const { status } = await temporal.env.spark.describe(workflowId);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `http://127.0.0.1:1/history/${status!.sparkApplicationId}/\n` });
  expect(stderr).toContain('The history server was not checked');
  expect(await ui(workflowId, '--no-server')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('TEMPORAL_SPARK_HISTORY_SERVER') as string,
  });
});

it('starts a history server for an application that has ended, and deletes it at Ctrl-C', async () => {
  const workflowId = await application('completed-shown', 'COMPLETED', logged);
  const { status } = await temporal.env.spark.describe(workflowId);
  using history = await fakeHistoryServer();
  history.applications.set(status!.sparkApplicationId!, [undefined]);
  cluster.onCreate = (pod) => {
    pod.status = { phase: 'Running', containerStatuses: [runningContainer] };
    cluster.ports.set(`${pod.metadata!.namespace}/${pod.metadata!.name}:18080`, history.port);
  };
  const { command, exit, stdout, stderr } = await served(workflowId);
  const servers = () => [...cluster.pods.values()].filter(({ metadata }) => metadata!.labels![HISTORY_SERVER]);
  expect(servers()).toMatchObject([{ metadata: { labels: { [HISTORY_SERVER]: status!.submissionId } } }]);
  command.kill('SIGINT');
  expect({ exit: await exit, stderr: await stderr }).toMatchObject({ exit: [130, null] });
  const path = `/history/${status!.sparkApplicationId}/`;
  expect(await stdout).toMatch(new RegExp(`^http://localhost:\\d+${path}\n$`));
  expect(await stderr).toMatch(/is COMPLETED: its driver has ended\. Its event log is in s3a:\/\/logs\/events\./);
  expect(servers()).toEqual([]);
});

it('reports why no history server can be started', async () => {
  const workflowId = await application('completed-refused', 'COMPLETED', logged);
  cluster.createRefusal = { code: 403, message: 'User "u" cannot create resource "pods" in API group ""' };
  onTestFinished(() => void (cluster.createRefusal = undefined));
  const { code, stderr } = await ui(workflowId);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /Cannot show the event log of \S+\/completed-refused: .*grant the verb "create" on "pods".*\n.*TEMPORAL_SPARK_HISTORY_SERVER/,
  );
  const local = await application('completed-local', 'COMPLETED', { 'spark.eventLog.enabled': 'true' });
  expect(await ui(local)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/file:\/\/\/tmp\/spark-events, which is not on a volume that outlives/) as string,
  });
});

it('prints the two lines that switch event logs on where an application has ended without', async () => {
  const workflowId = await application('completed-silent', 'COMPLETED');
  const { code, stderr } = await ui(workflowId, '--history-server', 'http://127.0.0.1:1');
  expect(code).toBe(1);
  expect(stderr).toContain('is COMPLETED: its driver has ended; its UI ended with it');
  expect(stderr).toMatch(/ {2}spark\.eventLog\.enabled: "true"\n {2}spark\.eventLog\.dir: /);
});

it('rejects a history server that is not a URL', async () => {
  expect((await ui('x', '--history-server', 'history:18080')).code).toBe(2);
});
