import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';
import { createCertificateAuthority, type Certificate, type CertificateAuthority } from '../../../lab/certificates.ts';
import { eventually, passes } from '../../../lab/eventually.ts';
import { connectKubernetes, type KubernetesClient, type KubernetesOptions } from '../../../src/kubernetes/index.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Http2ServerRequest['headers'];
  readonly body: string;
  /** Over which connection it came, counted from 1. */
  readonly connection: number;
  /** Common name of the client certificate. */
  readonly clientName: string | undefined;
}

/** Answers one request, or does not. */
export type Script = (request: SeenRequest, response: Http2ServerResponse) => void | Promise<void>;

export interface ScriptedServerOptions {
  /** Refuse HTTP/2 in the TLS handshake. @default false */
  readonly http1?: boolean;
  /** Streams granted to a session. @default 100 */
  readonly maxConcurrentStreams?: number;
  /** False: what a client sends beyond its window waits for ever. @default true */
  readonly readsBodies?: boolean;
}

/** Stands for an API server that misbehaves as the test requires; closed when the test ends. */
export interface ScriptedServer {
  readonly address: string;
  readonly certificates: TestCertificates;
  /** Every request so far. */
  readonly requests: readonly SeenRequest[];
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  /** How many connections were ever made. */
  connections(): number;
  /** From here on nothing passes on the open connections, in either direction, without notice. */
  freeze(): void;
  /** Breaks the connections there are. */
  disconnect(): void;
  config(overrides?: { readonly cluster?: object; readonly user?: object }): KubeConfig;
  /** A client of it, with delays that suit a test. */
  client(options?: KubernetesOptions): Promise<KubernetesClient>;
}

export async function scriptedServer(script: Script, options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const certificates = await testCertificates();
  const requests: SeenRequest[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const connectionOfPort = new Map<number, number>();

  const onRequest = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const socket = request.socket as TLSSocket;
    const seen = {
      method: request.method,
      url: new URL(request.url, 'https://scripted'),
      headers: request.headers,
      connection: connectionOfPort.get(socket.remotePort!)!,
      clientName: socket.getPeerCertificate().subject?.CN as string | undefined,
      body: options.readsBodies === false ? '' : await text(request).catch(() => ''),
    };
    requests.push(seen);
    await script(seen, response);
  };
  const tls = {
    key: readFileSync(certificates.server.keyFile),
    cert: readFileSync(certificates.server.certFile),
    ca: readFileSync(certificates.authority.certFile),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const settings = { maxConcurrentStreams: options.maxConcurrentStreams ?? 100 };
  const server = options.http1 === true ? createHttpsServer(tls) : createSecureServer({ ...tls, settings });
  server.on(
    'request',
    (request, response) => void onRequest(request as Http2ServerRequest, response as Http2ServerResponse),
  );
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', () => undefined).on('close', () => sessions.delete(session));
  });
  const port = await listen(server);

  const sockets = new Set<Socket>();
  let connections = 0;
  const relay = createServer((client) => {
    connections += 1;
    const connection = connections;
    const upstream = connect(port, '127.0.0.1');
    upstream.on('connect', () => connectionOfPort.set(upstream.localPort!, connection));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  const address = `https://127.0.0.1:${await listen(relay)}`;

  const disconnect = () => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    relay.close();
    server.close();
    disconnect();
    sessions.forEach((session) => session.destroy());
  });

  const config: ScriptedServer['config'] = ({ cluster, user } = {}) => {
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromOptions({
      clusters: [{ name: 'scripted', server: address, caFile: certificates.authority.certFile, ...cluster }],
      users: [{ name: 'tester', ...user }],
      contexts: [{ name: 'scripted', cluster: 'scripted', user: 'tester' }],
      currentContext: 'scripted',
    });
    return kubeconfig;
  };

  return {
    address,
    certificates,
    requests,
    sessions,
    connections: () => connections,
    freeze: () => sockets.forEach((socket) => socket.unpipe().pause()),
    disconnect,
    config,
    async client(clientOptions = {}) {
      const client = await connectKubernetes({
        kubeconfig: config(),
        retry: { initialDelayMs: 1, maxDelayMs: 10 },
        ...clientOptions,
      });
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** Waits until an assertion about what the server has seen passes; short intervals, because the servers are local. */
export async function eventuallyPasses(check: () => void): Promise<void> {
  await eventually('the assertion to pass', passes(check), { timeoutMs: 10_000, intervalMs: 10 });
}

/** Answers with JSON, as the API server does. */
export function json(response: Http2ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with a failure as the API server words it. */
export function refuse(
  response: Http2ServerResponse,
  code: number,
  reason: string,
  { message = reason, headers = {}, ...rest }: { message?: string; headers?: object; [field: string]: unknown } = {},
): void {
  json(
    response,
    code,
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, ...rest },
    headers,
  );
}

export const VERSION = { major: '1', minor: '36' };

export interface TestCertificates {
  readonly directory: string;
  readonly authority: CertificateAuthority;
  /** For 127.0.0.1 and `api.test`. */
  readonly server: Certificate;
  client(commonName: string): Promise<Certificate>;
}

let made: Promise<TestCertificates> | undefined;

/** Made once a process. */
export function testCertificates(): Promise<TestCertificates> {
  return (made ??= makeCertificates());
}

async function makeCertificates(): Promise<TestCertificates> {
  const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-test-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const authority = await createCertificateAuthority(directory);
  const server = await authority.issue({
    name: 'server',
    commonName: 'scripted',
    hostnames: ['api.test'],
    ips: ['127.0.0.1'],
  });
  return {
    directory,
    authority,
    server,
    client: (commonName) => authority.issue({ name: commonName, commonName }),
  };
}

/** Listens on a free port of the loopback interface; resolves to it. */
export async function listen(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
