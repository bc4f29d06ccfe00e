import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { serveDriver } from '../../../src/cli/commands/ui/serve-driver.ts';
import { connectKubernetes, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { portForwardServer, type PortForwardServer } from '../../support/port-forward-server.ts';

const driver = { namespace: 'etl', podName: 'pi-driver', submissionId: 'attempt-1', sparkApplicationId: 'spark-1' };

let server: PortForwardServer;
let kubernetes: KubernetesClient;
let spark: Server;
const shown = { stdout: [] as string[], stderr: [] as string[] };

beforeEach(async () => {
  for (const lines of Object.values(shown)) lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => void shown.stdout.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line: unknown) => void shown.stderr.push(String(line)));
  server = await portForwardServer();
  setDriver('Running');
  kubernetes = await connectKubernetes({ kubeconfig: server.config(), retry: { maxRetries: 0 } });
});

afterEach(async () => {
  vi.restoreAllMocks();
  kubernetes.close();
  spark?.closeAllConnections();
  spark?.close();
  await server[Symbol.asyncDispose]();
});

function setDriver(phase: string | undefined): void {
  if (phase === undefined) return void server.pods.delete('etl/pi-driver');
  const metadata = { name: 'pi-driver', namespace: 'etl', uid: 'u', labels: { [Label.SubmissionId]: 'attempt-1' } };
  const pod: Pod = { metadata, spec: { containers: [{ name: 'spark-kubernetes-driver' }] }, status: { phase } };
  server.pods.set('etl/pi-driver', pod);
}

/** Spark opens its UI in the driver, and lists an application of this ID. */
async function openUi(id: string): Promise<void> {
  spark = createServer((_, response) => response.end(JSON.stringify([{ id, name: 'pi' }]))).listen(0, '127.0.0.1');
  await once(spark, 'listening');
  server.ports.set('etl/pi-driver:4040', (spark.address() as AddressInfo).port);
}

const serve = () => serveDriver({ kubernetes, driver, port: 4040, localPort: 0, intervalMs: 20 });
const linked = () => eventually('the link', () => shown.stdout[0], { intervalMs: 10 });

it("prints a link to a running driver's UI and serves it until the driver ends, over a broken forward", async () => {
  await openUi('spark-1');
  const end = serve();
  const link = await linked();
  expect(link).toMatch(/^http:\/\/localhost:\d+$/);
  const applications = `${link.replace('localhost', '127.0.0.1')}/api/v1/applications`;
  const listed = async () => (await fetch(applications)).json();
  expect(await listed()).toMatchObject([{ id: 'spark-1' }]);
  server.disconnect();
  const again = () => listed().catch(() => undefined);
  const relisted = await eventually('the forward to be there again', again, { intervalMs: 10 });
  expect(relisted).toMatchObject([{ id: 'spark-1' }]);
  setDriver('Succeeded');
  expect(await end).toBe('ended');
  await expect(fetch(applications)).rejects.toThrow();
  expect(shown.stderr.join('\n')).toContain('Spark UI of spark-1, port 4040 of pod etl/pi-driver.');
});

it('waits for a driver that has not opened its UI yet', async () => {
  const end = serve();
  await eventually('the notice', () => shown.stderr.length > 0, { intervalMs: 10 });
  expect(shown).toMatchObject({
    stdout: [],
    stderr: [expect.stringMatching(/^Waiting for Spark to open its UI on port 4040 of pod etl\/pi-driver: .*refused/)],
  });
  await openUi('spark-1');
  await linked();
  setDriver(undefined);
  expect(await end).toBe('gone');
});

it('ends with a driver that never opens its UI', async () => {
  const end = serve();
  await eventually('the notice', () => shown.stderr.length > 0, { intervalMs: 10 });
  setDriver('Failed');
  expect(await end).toBe('ended');
  expect(shown.stdout).toEqual([]);
});

it('refuses the UI of another application, which has the port on a network that both share', async () => {
  await openUi('spark-2');
  await expect(serve()).rejects.toThrow(
    'Port 4040 of pod etl/pi-driver serves another Spark application, spark-2: the driver shares the network',
  );
});

it('names the right that is missing', async () => {
  server.refusal = { code: 403, message: 'User "u" cannot create resource "pods/portforward" in API group ""' };
  await expect(serve()).rejects.toThrow('grant the verb "create" on "pods/portforward" in namespace "etl"');
});

it('reports once that the driver cannot be read, and continues when it can again', async () => {
  await openUi('spark-1');
  const end = serve();
  await linked();
  server.isAway = true;
  const troubles = () => shown.stderr.filter((line) => line.endsWith('It is tried again.'));
  await eventually('the trouble to be reported', () => troubles().length > 0, { intervalMs: 10 });
  server.isAway = false;
  setDriver('Succeeded');
  expect(await end).toBe('ended');
  expect(troubles()).toEqual([expect.stringContaining('Cannot get pods "pi-driver"')]);
});

it('waits while Spark is starting up', async () => {
  const answers = ["Spark is starting up. Please wait a while until it's ready."];
  spark = createServer((_, response) => response.end(answers.shift() ?? '[{"id":"spark-1"}]')).listen(0, '127.0.0.1');
  await once(spark, 'listening');
  server.ports.set('etl/pi-driver:4040', (spark.address() as AddressInfo).port);
  const end = serve();
  await linked();
  expect(answers).toEqual([]);
  expect(shown.stderr[0]).toContain(
    'Waiting for Spark to open its UI on port 4040 of pod etl/pi-driver: Spark is starting up',
  );
  setDriver('Succeeded');
  await end;
});
