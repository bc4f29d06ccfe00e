import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { connectKubernetes, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { KubernetesOptions } from '../../../src/kubernetes/index.ts';
import { portForwardServer, type PortForwardServer } from '../../support/port-forward-server.ts';

/** A client of a cluster with the pod `n/p`, whose port 4040 leads to a server that does this. */
async function podWith(
  serve: (socket: Socket) => void,
  { isSilent = false, ...options }: KubernetesOptions & { isSilent?: boolean } = {},
): Promise<{ readonly server: PortForwardServer; readonly client: KubernetesClient }> {
  const server = await portForwardServer({ isSilent });
  const target = createServer((socket) => serve(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(target, 'listening');
  server.pods.set('n/p', { metadata: { name: 'p', namespace: 'n' } });
  server.ports.set('n/p:4040', (target.address() as AddressInfo).port);
  const client = await connectKubernetes({ kubeconfig: server.config(), ...options });
  onTestFinished(async () => {
    client.close();
    target.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, client };
}

it('carries bytes to a port of a pod and back until that closes the connection', async () => {
  const { client } = await podWith((socket) => socket.pipe(socket));
  const stream = await client.connectToPod('n', 'p', 4040);
  const sent = Buffer.alloc(300_000, 'abcdefg');
  const received: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => received.push(bytes)).write(sent);
  await eventually('the bytes to be back', () => Buffer.concat(received).length === sent.length, { intervalMs: 10 });
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  stream.destroy();
  const { client: other } = await podWith((socket) => socket.end('the end'));
  expect(await text(await other.connectToPod('n', 'p', 4040))).toBe('the end');
});

it('reads no faster than its reader', async () => {
  const all = 64 * 2 ** 20;
  const { client, server } = await podWith((socket) => socket.end(Buffer.alloc(all)));
  const stream = await client.connectToPod('n', 'p', 4040);
  await once(stream, 'readable');
  let before = -1;
  await eventually('the pod to wait for the reader', () => before === (before = server.passedOn()));
  // What is passed on is in the buffers of two sockets.
  expect(before).toBeLessThan(all / 2);
  expect((await buffer(stream)).length).toBe(all);
});

it('fails where nothing listens on the port', async () => {
  const { client } = await podWith(() => undefined);
  await expect(text(await client.connectToPod('n', 'p', 18_080))).rejects.toMatchObject({
    type: KubernetesErrorType.ServerError,
    message: expect.stringMatching(
      /pods\/portforward "p" .* port 18080: error forwarding .*: connection refused/,
    ) as string,
  });
});

it('names the right that a user lacks', async () => {
  const { client, server } = await podWith(() => undefined);
  const message = 'pods "p" is forbidden: User "u" cannot get resource "pods/portforward" in API group ""';
  server.refusal = { code: 403, message };
  await expect(client.connectToPod('n', 'p', 4040)).rejects.toMatchObject({
    type: KubernetesErrorType.Forbidden,
    message: expect.stringContaining('grant the verb "get" on "pods/portforward" in namespace "n"') as string,
  });
});

it('reports that the pod does not exist, and that the API server is not reachable', async () => {
  const { client, server } = await podWith(() => undefined);
  await expect(client.connectToPod('n', 'other', 4040)).rejects.toMatchObject({ type: KubernetesErrorType.NotFound });
  await server[Symbol.asyncDispose]();
  await expect(client.connectToPod('n', 'p', 4040)).rejects.toMatchObject({ type: KubernetesErrorType.Unreachable });
});

it('waits no longer than its deadline and its signal for an API server that does not answer', async () => {
  const asked: Socket[] = [];
  const silent = createServer((socket) => asked.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => {
    silent.close();
    for (const socket of asked) socket.destroy();
  });
  const { server } = await podWith(() => undefined);
  const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const client = await connectKubernetes({ kubeconfig: server.config(address) });
  onTestFinished(() => client.close());
  await expect(client.connectToPod('n', 'p', 4040, { timeoutMs: 50 })).rejects.toMatchObject({
    type: KubernetesErrorType.Timeout,
    message: expect.stringContaining('did not answer within 50 ms') as string,
  });
  const stop = new AbortController();
  const opening = client.connectToPod('n', 'p', 4040, { signal: stop.signal });
  await eventually('it to be asked for', () => asked.length === 2, { intervalMs: 10 });
  const reason = new Error('enough');
  stop.abort(reason);
  await expect(opening).rejects.toBe(reason);
});

it('breaks a connection on which not even a ping is answered', async () => {
  const { client } = await podWith(() => undefined, { isSilent: true, silenceMs: 80 });
  await expect(text(await client.connectToPod('n', 'p', 4040))).rejects.toMatchObject({
    type: KubernetesErrorType.ConnectionLost,
  });
});

it('keeps a connection that is idle while pings are answered', async () => {
  let accepted: Socket | undefined;
  const { client } = await podWith((socket) => (accepted = socket), { silenceMs: 40 });
  const stream = await client.connectToPod('n', 'p', 4040);
  await eventually('the pod to accept it', () => accepted !== undefined, { intervalMs: 10 });
  let pongs = 0;
  await eventually('twenty ticks', () => ++pongs === 20, { intervalMs: 10 });
  accepted!.end('still here');
  expect(await text(stream)).toBe('still here');
});

it('ends with its signal and with its client, on both sides', async () => {
  const { client, server } = await podWith(() => undefined);
  const stop = new AbortController();
  const first = await client.connectToPod('n', 'p', 4040, { signal: stop.signal });
  const second = await client.connectToPod('n', 'p', 4040);
  const reason = new Error('enough');
  stop.abort(reason);
  await expect(text(first)).rejects.toBe(reason);
  expect(second.destroyed).toBe(false);
  client.close();
  expect(second.destroyed).toBe(true);
  await eventually('the web sockets to close', () => server.open.size === 0, { intervalMs: 10 });
  await expect(client.connectToPod('n', 'p', 4040)).rejects.toMatchObject({ type: KubernetesErrorType.ClientClosed });
});
