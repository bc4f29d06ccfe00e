import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { serveHistory } from '../../../src/cli/commands/ui/history/serve-history.ts';
import { connectKubernetes, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { fakeHistoryServer, type FakeHistoryServer } from '../../support/history-server.ts';
import { portForwardServer, type PortForwardServer } from '../../support/port-forward-server.ts';

const NAME = 'etl/pi-history-1';
const pod: Pod = {
  metadata: { name: 'pi-history-1', namespace: 'etl' },
  spec: { activeDeadlineSeconds: 28_800, containers: [{ name: 'history-server' }] },
};

let cluster: PortForwardServer;
let history: FakeHistoryServer;
let kubernetes: KubernetesClient;
let interrupted: AbortController;
const shown = { stdout: [] as string[], stderr: [] as string[] };

beforeEach(async () => {
  for (const lines of Object.values(shown)) lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => void shown.stdout.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line: unknown) => void shown.stderr.push(String(line)));
  [cluster, history] = await Promise.all([portForwardServer(), fakeHistoryServer()]);
  cluster.ports.set(`${NAME}:18080`, history.port);
  history.applications.set('spark-1', [undefined]);
  kubernetes = await connectKubernetes({ kubeconfig: cluster.config(), retry: { maxRetries: 0 } });
  interrupted = new AbortController();
});

afterEach(async () => {
  vi.restoreAllMocks();
  kubernetes.close();
  history[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
});

type ContainerState = NonNullable<NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state']>;

/** What the kubelet reports of the pod, from its creation on. */
function becomes(
  phase: string,
  state: ContainerState,
  conditions: NonNullable<Pod['status']>['conditions'] = [],
): void {
  const image = { image: '', imageID: '', ready: false, restartCount: 0 };
  const status: NonNullable<Pod['status']> = {
    phase,
    conditions,
    containerStatuses: [{ name: 'history-server', ...image, state }],
  };
  const created = cluster.pods.get(NAME);
  if (created !== undefined) cluster.pods.set(NAME, { ...created, status });
  else cluster.onCreate = (made) => void (made.status = status);
}

const runs = () => becomes('Running', { running: {} });

const serve = (startMs = 60_000) =>
  serveHistory({
    ...{ kubernetes, pod, sparkApplicationId: 'spark-1', eventLogDir: 's3a://logs/events', localPort: 0 },
    ...{ signal: interrupted.signal, intervalMs: 10, startMs },
  });
const linked = () => eventually('the link', () => shown.stdout[0], { intervalMs: 10 });
const notices = () => shown.stderr.join('\n');

it('prints the link of the application, serves it until it is interrupted, and deletes the pod', async () => {
  runs();
  const served = serve();
  const link = await linked();
  expect(link).toMatch(/^http:\/\/localhost:\d+\/history\/spark-1\/$/);
  const { port } = new URL(link);
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/applications/spark-1`);
  expect(await answer.json()).toMatchObject({ id: 'spark-1' });
  expect(cluster.pods.has(NAME)).toBe(true);
  interrupted.abort();
  await expect(served).rejects.toThrow('aborted');
  expect(cluster.pods.has(NAME)).toBe(false);
  expect(notices()).toContain(`Deleted pod ${NAME}.`);
  expect(notices()).toContain('it ends after 8 hours');
});

it('links the last of several attempts', async () => {
  runs();
  history.applications.set('spark-1', ['2', '1']);
  const served = serve();
  expect(await linked()).toMatch(/\/history\/spark-1\/2\/$/);
  interrupted.abort();
  await expect(served).rejects.toThrow();
});

it('reports why the pod does not start yet, and waits while the server starts and reads event logs', async () => {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' };
  becomes('Pending', {}, [condition]);
  history.applications.clear();
  history.progress = 'unread';
  cluster.ports.clear();
  const served = serve();
  const notice = async (text: string) =>
    eventually(`the notice ${text}`, () => notices().includes(text), { intervalMs: 10 });
  await notice(`Waiting for pod ${NAME}: Unschedulable: 0/3 nodes`);
  runs();
  await notice('connection refused');
  cluster.ports.set(`${NAME}:18080`, history.port);
  await notice('it reads the event logs in s3a://logs/events');
  history.progress = 'reading';
  history.applications.set('spark-1', [undefined]);
  await linked();
  interrupted.abort();
  await expect(served).rejects.toThrow();
  expect(shown.stderr.filter((line) => line.includes('Unschedulable'))).toHaveLength(1);
});

it.each<[string, () => void, RegExp, startMs?: number]>([
  [
    'whose image cannot be pulled',
    () => becomes('Pending', { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "s"' } }),
    /^Pod etl\/pi-history-1 does not start: ImagePullBackOff: Back-off pulling image "s"\. Check spec\.image/,
  ],
  [
    'that is not scheduled in time',
    () => becomes('Pending', {}, [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'full' }]),
    /does not start: Unschedulable: full\.$/,
    1,
  ],
  [
    'whose server ends, with the end of its log',
    () =>
      becomes('Failed', {
        terminated: {
          exitCode: 1,
          reason: 'Error',
          message: 'first\nLog directory specified does not exist: file:/x\n',
        },
      }),
    /has ended: Error, exit code 1\. The end of its log:\n {4}first\n {4}Log directory specified does not exist: file:\/x$/,
  ],
])('fails for a pod %s, and deletes it', async (_, happens, message, startMs) => {
  happens();
  await expect(serve(startMs)).rejects.toThrow(message);
  expect(cluster.pods.has(NAME)).toBe(false);
  expect(shown.stdout).toEqual([]);
});

it('fails where the server has read the whole directory and does not list the application', async () => {
  runs();
  history.applications.clear();
  await expect(serve()).rejects.toThrow(
    'The history server has read s3a://logs/events, which has no event log of spark-1 that it can read.',
  );
  expect(cluster.pods.has(NAME)).toBe(false);
});

it('fails where the pod ends or is deleted later', async () => {
  runs();
  const served = serve();
  await linked();
  cluster.pods.delete(NAME);
  await expect(served).rejects.toThrow(`Pod ${NAME} was deleted.`);
});

it('names the right that is missing, and creates nothing where the local port is in use', async () => {
  cluster.createRefusal = { code: 403, message: 'User "u" cannot create resource "pods" in API group ""' };
  await expect(serve()).rejects.toThrow('grant the verb "create" on "pods" in namespace "etl"');
  expect(notices()).not.toContain('Deleted');
  cluster.createRefusal = undefined;
  const created = vi.fn<(pod: Pod) => void>();
  cluster.onCreate = created;
  const options = { kubernetes, pod, sparkApplicationId: 'spark-1', eventLogDir: 'x', signal: interrupted.signal };
  await expect(serveHistory({ ...options, localPort: history.port })).rejects.toThrow('another process listens on it');
  expect(created).not.toHaveBeenCalled();
});

it('names the command that deletes a pod which could not be deleted', async () => {
  runs();
  const served = serve();
  await linked();
  cluster.isAway = true;
  interrupted.abort();
  await expect(served).rejects.toThrow('aborted');
  expect(notices()).toContain('To delete it: kubectl delete pod -n etl pi-history-1');
  expect(notices()).toContain('Pod etl/pi-history-1 ends after 8 hours.');
});
