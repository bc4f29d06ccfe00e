import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connectKubernetes, KubernetesErrorType, Resources } from '../../../src/kubernetes/index.ts';
import { eventuallyPasses, json, listen, scriptedServer, VERSION, type Script } from './scripted-server.ts';

const answerVersion: Script = (_, response) => json(response, 200, VERSION);
/** Never answers the first requests, as many as given. */
const ignoring =
  (ignored: number): Script =>
  (request, response) => {
    if (ignored-- <= 0) return answerVersion(request, response);
  };
const versions = (count: number, call: () => Promise<string>) => Promise.all(Array.from({ length: count }, call));

test('requests share one session', async () => {
  const server = await scriptedServer(answerVersion);
  const client = await server.client();
  await versions(90, () => client.version());
  expect(server.connections()).toBe(1);
});

test('a second connection is opened only where the first has no stream left', async () => {
  const open: (() => void)[] = [];
  const server = await scriptedServer((_, response) => void open.push(() => json(response, 200, VERSION)), {
    maxConcurrentStreams: 5,
  });
  const client = await server.client();
  const answers = versions(10, () => client.version());
  await eventuallyPasses(() => expect(open).toHaveLength(10));
  expect(server.connections()).toBe(2);
  open.forEach((answer) => answer());
  await expect(answers).resolves.toHaveLength(10);
});

test('after GOAWAY what is under way finishes, and what follows goes over a new session', async () => {
  const server = await scriptedServer(async (request, response) => {
    if (server.requests.length === 1) {
      server.sessions.forEach((session) => session.goaway(0));
      await sleep(50);
    }
    json(response, 200, { major: '1', minor: String(request.connection) });
  });
  const client = await server.client();
  expect(await client.version()).toBe('1.1');
  expect(await client.version()).toBe('1.2');
});

test('a request that a GOAWAY reports as not processed is sent again, including a POST', async () => {
  const server = await scriptedServer(async (request, response) => {
    if (request.connection > 1) return json(response, 201, { metadata: { name: 'a' } });
    // Streams above 1 were not looked at.
    if (server.requests.length === 3) server.sessions.forEach((session) => session.goaway(0, 1));
    await sleep(30);
    json(response, 201, { metadata: { name: 'a' } });
  });
  const client = await server.client();
  const created = await versions(3, async () => {
    const { metadata } = await client.create(Resources.configMaps, { metadata: { name: 'a', namespace: 'n' } });
    return metadata!.name!;
  });
  expect(created).toEqual(['a', 'a', 'a']);
  expect(server.requests.filter(({ connection }) => connection === 2)).toHaveLength(2);
});

test('a reset stream or a broken connection costs another try', async () => {
  const server = await scriptedServer((request, response) => {
    if (server.requests.length === 1) return response.stream.close(2);
    if (server.requests.length === 2) return server.disconnect();
    return answerVersion(request, response);
  });
  const client = await server.client();
  expect(await client.version()).toBe('1.36');
  expect(server.requests).toHaveLength(3);
  expect(server.connections()).toBe(2);
});

test('a dead connection is detected by PINGs and replaced, long before any deadline', async () => {
  const server = await scriptedServer(ignoring(1));
  const client = await server.client({ silenceMs: 400 });
  const answer = client.version({ timeoutMs: 60_000 });
  await eventuallyPasses(() => expect(server.requests).toHaveLength(1));
  server.freeze();
  expect(await answer).toBe('1.36');
  expect(server.connections()).toBe(2);
});

test('a connection that died while idle is detected as well', async () => {
  const server = await scriptedServer(answerVersion);
  const client = await server.client({ silenceMs: 400 });
  await client.version();
  server.freeze();
  expect(await client.version({ timeoutMs: 60_000 })).toBe('1.36');
});

test('a server that answers PINGs may take its time', async () => {
  const server = await scriptedServer(async (request, response) => {
    await sleep(800);
    return answerVersion(request, response);
  });
  const client = await server.client({ silenceMs: 400 });
  expect(await client.version()).toBe('1.36');
  expect(server.requests).toHaveLength(1);
});

test('a try without answer ends at its deadline, and others on the session do not notice', async () => {
  const server = await scriptedServer((request, response) => {
    if (request.url.pathname === '/version') return answerVersion(request, response);
  });
  const client = await server.client({ retry: { maxRetries: 0 } });
  // The deadline does not cover a connection that takes its time.
  await client.version();
  await expect(client.get(Resources.pods, 'n', 'p', { timeoutMs: 100 })).rejects.toMatchObject({
    type: KubernetesErrorType.Timeout,
    retryable: true,
    message: `Cannot get pods "p" in namespace "n" on cluster "scripted": ${server.address} did not answer within 100 ms.`,
  });
  expect(await client.version()).toBe('1.36');
  expect(server.connections()).toBe(1);
});

test('the deadline covers a body that stops half-way', async () => {
  const server = await scriptedServer((_, response) => void response.writeHead(200).write('{"major":"1",'));
  const client = await server.client({ retry: { maxRetries: 0 } });
  await expect(client.version({ timeoutMs: 100 })).rejects.toMatchObject({ type: KubernetesErrorType.Timeout });
});

test('a body that ends too early is a lost connection or invalid, never an answer', async () => {
  const server = await scriptedServer((_, response) => {
    response.writeHead(200, { 'content-length': '24' });
    response.write('{"major":');
    response.stream.close(0);
  });
  const client = await server.client({ retry: { maxRetries: 1 } });
  await expect(client.version()).rejects.toMatchObject({ type: KubernetesErrorType.ConnectionLost, retryable: true });
  expect(server.requests).toHaveLength(2);
});

test('the signal ends a call, its retries and the wait for a connection', async () => {
  const silent = createServer(() => undefined); // takes the connection, and never shakes hands
  const port = await listen(silent);
  const server = await scriptedServer(ignoring(Infinity));
  const waiting = await server.client({
    kubeconfig: server.config({ cluster: { server: `https://127.0.0.1:${port}` } }),
  });
  const answered = await server.client();
  const retried = await server.client({
    kubeconfig: server.config({ cluster: { server: 'https://127.0.0.1:1' } }),
    retry: { initialDelayMs: 60_000, maxDelayMs: 60_000, giveUpAfterMs: 600_000 },
  });
  for (const client of [waiting, answered, retried]) {
    const signal = AbortSignal.timeout(100);
    const error: unknown = await client.version({ signal }).catch((thrown: unknown) => thrown);
    expect(error).toBe(signal.reason);
  }
  const signal = AbortSignal.abort('enough');
  await expect(answered.version({ signal })).rejects.toBe('enough');
  const log = answered.readLog('n', 'p', { follow: true, signal })[Symbol.asyncIterator]();
  await expect(log.next()).rejects.toBe('enough');
  silent.close();
});

test('closing the client fails what is under way and what comes after', async () => {
  const server = await scriptedServer(ignoring(Infinity));
  const client = await server.client();
  const underWay = client.version();
  const view = client.watch(Resources.pods, 'n', '');
  await eventuallyPasses(() => expect(server.requests).toHaveLength(2));
  client.close();
  for (const call of [underWay, view.ready, client.version(), client.watch(Resources.pods, 'n', '').ready]) {
    await expect(call).rejects.toMatchObject({ type: KubernetesErrorType.ClientClosed });
  }
});

test('where HTTP/2 is refused, HTTP/1.1 does, and long answers do not hold up others', async () => {
  const server = await scriptedServer(
    (request, response) => {
      if (!request.url.pathname.endsWith('/log')) return answerVersion(request, response);
      response.writeHead(200);
      response.write('first');
    },
    { http1: true },
  );
  const client = await server.client();
  const log = client.readLog('n', 'p', { follow: true })[Symbol.asyncIterator]();
  expect(await log.next()).toEqual({ done: false, value: Buffer.from('first') });
  await versions(5, () => client.version());
  await versions(5, () => client.version());
  expect(server.connections()).toBeLessThan(server.requests.length); // they are kept alive
  await log.return?.();
});

test('a reader that is slow slows the server down, and only on its own stream', async () => {
  const megabyte = 'x'.repeat(2 ** 20);
  let written = 0;
  const server = await scriptedServer((request, response) => {
    if (!request.url.pathname.endsWith('/log')) return answerVersion(request, response);
    response.writeHead(200);
    const write = () => {
      if (response.stream.destroyed || written === 64) return;
      written += 1;
      if (response.write(megabyte)) setImmediate(write);
      else response.once('drain', write);
    };
    write();
  });
  const client = await server.client();
  const log = client.readLog('n', 'p', { follow: true })[Symbol.asyncIterator]();
  await log.next();
  await versions(20, () => client.version()); // time for all of it to arrive, were it let
  expect(written).toBeLessThan(8);
  expect(server.connections()).toBe(1);
  await log.return?.();
});

test('the signal ends a stream, also after its beginning', async () => {
  const server = await scriptedServer((_, response) => void response.writeHead(200).write('first'));
  const aborting = new AbortController();
  const stream = (await server.client()).readLog('n', 'p', { follow: true, signal: aborting.signal });
  const log = stream[Symbol.asyncIterator]();
  await log.next();
  const more = log.next();
  const reason = new Error('enough');
  aborting.abort(reason);
  await expect(more).rejects.toBe(reason);
});

test('stopping to read ends the request', async () => {
  let ended: Promise<unknown> | undefined;
  const server = await scriptedServer((_, response) => {
    ended = new Promise((resolve) => response.stream.once('close', resolve));
    response.writeHead(200).write('first');
  });
  const client = await server.client();
  for await (const chunk of client.readLog('n', 'p', { follow: true })) {
    expect(chunk).toEqual(Buffer.from('first'));
    break;
  }
  await ended;
});

test('no server: the message names the address and the cluster, and how to choose another', async () => {
  const server = await scriptedServer(answerVersion);
  const kubeconfig = server.config({ cluster: { server: 'https://127.0.0.1:1' } });
  const client = await connectKubernetes({ kubeconfig, retry: { initialDelayMs: 1 } });
  await expect(client.version()).rejects.toMatchObject({
    type: KubernetesErrorType.Unreachable,
    retryable: true,
    message:
      'Cannot get version on cluster "scripted": no API server can be reached at https://127.0.0.1:1 ' +
      '(connect ECONNREFUSED 127.0.0.1:1); start it, or name another cluster with KUBECONFIG or a kubeconfig context.',
  });
});

test('a server whose certificate is not trusted gets no request', async () => {
  const server = await scriptedServer(answerVersion);
  const client = await server.client({ kubeconfig: server.config({ cluster: { caFile: undefined } }) });
  await expect(client.version()).rejects.toMatchObject({
    type: KubernetesErrorType.UntrustedServer,
    retryable: false,
    message: expect.stringContaining('certificate-authority') as string,
  });
  expect(server.requests).toHaveLength(0);
});
