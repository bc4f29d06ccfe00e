import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  connectKubernetes,
  KubernetesErrorType,
  Resources,
  type KubernetesOptions,
} from '../../../src/kubernetes/index.ts';
import {
  eventuallyPasses,
  json,
  listen,
  refuse,
  scriptedServer,
  testCertificates,
  VERSION,
  type Script,
} from './scripted-server.ts';

/** Takes only this value of the Authorization header. */
const accepting =
  (authorization: () => string): Script =>
  (request, response) =>
    request.headers.authorization === authorization()
      ? json(response, 200, VERSION)
      : refuse(response, 401, 'Unauthorized');

async function scratch(): Promise<string> {
  return mkdtempSync(join((await testCertificates()).directory, 'test-'));
}

/** Writes a kubeconfig into a folder of its own; returns its path. */
async function kubeconfig(
  server: { readonly address: string },
  user: object,
  { cluster = {}, context = {}, name = 'lab' }: { cluster?: object; context?: object; name?: string } = {},
): Promise<string> {
  const { authority } = await testCertificates();
  const file = join(await scratch(), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: server.address, 'certificate-authority': authority.certFile, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
  };
  writeFileSync(file, stringify(config));
  return file;
}

async function client(options: KubernetesOptions) {
  const connected = await connectKubernetes({ retry: { maxRetries: 0 }, ...options });
  onTestFinished(() => connected.close());
  return connected;
}

function environment(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('credentials', () => {
  test('a client certificate', async () => {
    const server = await scriptedServer((request, response) =>
      json(response, 200, { major: request.clientName ?? 'nobody', minor: '' }),
    );
    const { certFile, keyFile } = await server.certificates.client('ada');
    const file = await kubeconfig(server, { 'client-certificate': certFile, 'client-key': keyFile });
    expect(await (await client({ kubeconfig: file })).version()).toBe('ada.');
  });

  test('a token, a password, an impersonated user', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    for (const user of [{ token: 't0p' }, { username: 'ada', password: 'pw' }, { token: 't0p', as: 'bob' }]) {
      await (await client({ kubeconfig: await kubeconfig(server, user) })).version();
    }
    expect(server.requests.map(({ headers }) => [headers.authorization, headers['impersonate-user']])).toEqual([
      ['Bearer t0p', undefined],
      [`Basic ${Buffer.from('ada:pw').toString('base64')}`, undefined],
      ['Bearer t0p', 'bob'],
    ]);
  });

  test('a token file is read again when the API server refuses what was in it', async () => {
    let current = 'first';
    const server = await scriptedServer(accepting(() => `Bearer ${current}`));
    const file = await kubeconfig(server, { tokenFile: 'token' });
    const tokenFile = join(file, '..', 'token');
    writeFileSync(tokenFile, 'first\n');
    const connected = await client({ kubeconfig: file });
    await connected.version();
    current = 'second';
    writeFileSync(tokenFile, 'second\n');
    expect(await connected.version()).toBe('1.36');
    expect(server.requests).toHaveLength(3);
  });

  test('a token file is read again after a minute, before its token is refused', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const file = await kubeconfig(server, { tokenFile: 'token' });
    const tokenFile = join(file, '..', 'token');
    writeFileSync(tokenFile, 'first\n');
    const connected = await client({ kubeconfig: file });
    await connected.version();
    writeFileSync(tokenFile, 'second\n');
    await connected.version();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 62_000 });
    onTestFinished(() => void vi.useRealTimers());
    await connected.version();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
  });

  test('many calls that are refused at once renew the credentials once', async () => {
    let current = 'first';
    const server = await scriptedServer(accepting(() => `Bearer ${current}`));
    const directory = await scratch();
    const count = join(directory, 'count');
    const plugin = join(directory, 'plugin');
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const issue = (token: string) =>
      writeFileSync(
        plugin,
        `#!/bin/sh\necho x >> ${count}\necho '${JSON.stringify({ ...credential, status: { token } })}'\n`,
      );
    issue('first');
    chmodSync(plugin, 0o700);
    const exec = { apiVersion: credential.apiVersion, command: plugin, interactiveMode: 'Never' };
    const connected = await client({ kubeconfig: await kubeconfig(server, { exec }) });
    await connected.version();
    current = 'second';
    issue('second');
    await Promise.all(Array.from({ length: 20 }, () => connected.version()));
    expect(readFileSync(count, 'utf8')).toBe('x\nx\n');
  });

  test('credentials that stay wrong are reported after one more try', async () => {
    const server = await scriptedServer(accepting(() => 'nothing'));
    const connected = await client({ kubeconfig: await kubeconfig(server, { token: 'eyJhbGciOi.eyJzdWIi.c2ln' }) });
    await expect(connected.version()).rejects.toMatchObject({
      type: KubernetesErrorType.Unauthorized,
      retryable: false,
      message:
        'Cannot get version on cluster "lab": Unauthorized; log in again or renew the credentials in the kubeconfig.',
    });
    await expect(connected.version()).rejects.toMatchObject({ type: KubernetesErrorType.Unauthorized });
    expect(server.requests).toHaveLength(3);
  });

  test('the failure of a plugin is reported with its output, without the secrets in it', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const args = ['-c', 'echo "login failed for Bearer abc123 eyJhbGci.eyJzdWIi.c2ln" >&2; exit 1'];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args };
    const connected = await client({ kubeconfig: await kubeconfig(server, { exec }) });
    const error: unknown = await connected.version().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      type: KubernetesErrorType.CredentialsUnavailable,
      retryable: true,
      message: 'Cannot get credentials for kubeconfig user "lab": login failed for Bearer *** ***.',
    });
    expect(inspect(error)).not.toContain('abc123');
  });

  test('a plugin that hangs is bounded by the deadline of the call', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['5'] };
    const connected = await client({ kubeconfig: await kubeconfig(server, { exec }) });
    await expect(connected.version({ timeoutMs: 100 })).rejects.toMatchObject({ type: KubernetesErrorType.Timeout });
  });

  test('a renewed client certificate means a new connection; what is under way stays on the old one', async () => {
    let finish = () => {};
    const server = await scriptedServer((request, response) => {
      const answer = () => json(response, 200, { major: request.clientName, minor: '' });
      if (request.url.pathname !== '/version') return void (finish = answer);
      if (server.requests.length === 2) return refuse(response, 401, 'Unauthorized');
      answer();
    });
    const [old, renewed] = await Promise.all(['old', 'new'].map((name) => server.certificates.client(name)));
    const file = await kubeconfig(server, { 'client-certificate': old!.certFile, 'client-key': old!.keyFile });
    const connected = await client({ kubeconfig: file });
    const slow = connected.get(Resources.pods, 'n', 'p') as Promise<unknown>;
    await eventuallyPasses(() => expect(server.requests).toHaveLength(1));
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(old!.certFile, renewed!.certFile).replace(old!.keyFile, renewed!.keyFile),
    );
    expect(await connected.version()).toBe('new.');
    finish();
    expect(await slow).toMatchObject({ major: 'old' });
  });
});

describe('endpoints', () => {
  test('tls-server-name, insecure-skip-tls-verify and a path before the API', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const { port } = new URL(server.address);
    const cluster = { server: `https://localhost:${port}/k8s/clusters/c-1/` };
    for (const more of [
      { 'tls-server-name': 'api.test' },
      { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true },
    ]) {
      const file = await kubeconfig(server, {}, { cluster: { ...cluster, ...more } });
      expect(await (await client({ kubeconfig: file })).version()).toBe('1.36');
    }
    const mismatched = await client({ kubeconfig: await kubeconfig(server, {}, { cluster }) });
    await expect(mismatched.version()).rejects.toMatchObject({ type: KubernetesErrorType.UntrustedServer });
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(Array(2).fill('/k8s/clusters/c-1/version'));
  });

  test('an HTTP proxy gets a request for a tunnel, with its password', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const seen: (string | undefined)[] = [];
    const proxy = createHttpServer().on('connect', (request, socket) => {
      seen.push(request.url, request.headers['proxy-authorization']);
      if (request.headers['proxy-authorization'] === undefined) {
        return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      }
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const upstream = connect(Number(new URL(server.address).port), '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const port = await listen(proxy);
    onTestFinished(() => void proxy.close());

    const through = (proxyUrl: string) => kubeconfig(server, {}, { cluster: { 'proxy-url': proxyUrl } });
    const connected = await client({ kubeconfig: await through(`http://ada:p%40ss@127.0.0.1:${port}`) });
    await Promise.all(Array.from({ length: 5 }, () => connected.version()));
    const authorization = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
    expect(seen).toEqual([new URL(server.address).host, authorization]);

    const refused = await client({ kubeconfig: await through(`http://127.0.0.1:${port}`) });
    await expect(refused.version()).rejects.toMatchObject({
      type: KubernetesErrorType.Unreachable,
      message: expect.stringContaining(`proxy 127.0.0.1:${port} answered 407`) as string,
    });
  });

  test('a proxy that never answers times out after the time that a connection may take', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const proxy = createHttpServer().on('connect', () => undefined);
    const port = await listen(proxy);
    onTestFinished(() => void proxy.close());
    const cluster = { 'proxy-url': `http://127.0.0.1:${port}` };
    const connectTimeoutMs = 100;
    const connected = await client({ kubeconfig: await kubeconfig(server, {}, { cluster }), connectTimeoutMs });
    const begun = performance.now();
    await expect(connected.version()).rejects.toMatchObject({ type: KubernetesErrorType.Unreachable });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('a SOCKS proxy', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const target = Number(new URL(server.address).port);
    const proxy = createServer((socket) => {
      // RFC 1928, as much of it as this needs: no authentication, CONNECT to an IPv4 address.
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request) => {
          expect(request.readUInt16BE(request.length - 2)).toBe(target);
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          const upstream = connect(target, '127.0.0.1');
          socket.pipe(upstream).pipe(socket);
          socket.on('error', () => upstream.destroy());
        });
      });
    });
    const port = await listen(proxy);
    onTestFinished(() => void proxy.close());
    const file = await kubeconfig(server, {}, { cluster: { 'proxy-url': `socks5://127.0.0.1:${port}` } });
    expect(await (await client({ kubeconfig: file })).version()).toBe('1.36');
  });

  test('several kubeconfig files, of which one is missing, a context, and its namespace', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const [first, second] = await Promise.all([
      kubeconfig(server, { token: 'one' }, { name: 'one' }),
      kubeconfig(server, { token: 'two' }, { name: 'two', context: { namespace: 'spark' } }),
    ]);
    environment({ KUBECONFIG: `${first}:/nowhere/config:${second}:${first}` });
    const [byDefault, chosen] = await Promise.all([client({}), client({ context: 'two' })]);
    expect([byDefault.cluster, byDefault.namespace]).toEqual(['one', 'default']);
    expect([chosen.cluster, chosen.namespace]).toEqual(['two', 'spark']);
    await chosen.version();
    expect(server.requests[0]?.headers.authorization).toBe('Bearer two');
  });

  test('a configuration of the official client is used and not changed', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const config = server.config();
    config.addContext({ name: 'other', cluster: 'scripted', user: 'tester', namespace: 'team' });
    const connected = await client({ kubeconfig: config, context: 'other' });
    expect([connected.cluster, connected.namespace, await connected.version()]).toEqual(['other', 'team', '1.36']);
    expect(config.getCurrentContext()).toBe('scripted');
  });

  test.each([
    [
      'a missing file',
      () => ({ kubeconfig: '/nowhere/config' }),
      /The kubeconfig cannot be used: \/nowhere\/config: no such file\.$/,
    ],
    [
      'a broken file',
      (file: string) => (writeFileSync(file, '{{'), { kubeconfig: file }),
      /The kubeconfig cannot be used/,
    ],
    ['an empty file', (file: string) => (writeFileSync(file, ''), { kubeconfig: file }), /has no current context/],
    [
      'an unknown context',
      (file: string) => ({ kubeconfig: file, context: 'prod' }),
      /no context "prod": choose one of: lab\./,
    ],
    ['no pod to run in', () => ({ inCluster: true }), /Not running in a pod/],
  ])('%s is reported before any request', async (_, prepare, message) => {
    environment({ KUBERNETES_SERVICE_HOST: undefined });
    const file = await kubeconfig({ address: 'https://127.0.0.1:1' }, {});
    const options: KubernetesOptions = prepare(file);
    await expect(connectKubernetes(options)).rejects.toMatchObject({
      type: KubernetesErrorType.InvalidConfiguration,
      retryable: false,
      message: expect.stringMatching(message) as string,
    });
  });

  test('plain HTTP and invalid addresses are refused', async () => {
    for (const address of ['http://127.0.0.1:8080', 'nonsense', 'ftp://127.0.0.1']) {
      const connecting = connectKubernetes({ kubeconfig: await kubeconfig({ address }, { token: 't' }) });
      await expect(connecting).rejects.toMatchObject({
        type: KubernetesErrorType.InvalidConfiguration,
        message: expect.stringContaining(`"${address}"`) as string,
      });
    }
  });

  test('no configuration at all', async () => {
    environment({ KUBECONFIG: undefined, HOME: await scratch() });
    await expect(connectKubernetes()).rejects.toMatchObject({
      type: KubernetesErrorType.InvalidConfiguration,
      message: 'No cluster is configured: set KUBECONFIG, create ~/.kube/config, or run in a pod.',
    });
  });
});
