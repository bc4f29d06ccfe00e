import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Pod } from '../../src/kubernetes/objects.ts';

/** Stands for an API server and its kubelets: it has and takes pods, and forwards their ports to ports of this machine. */
export interface PortForwardServer extends AsyncDisposable {
  /** By namespace and name. */
  readonly pods: Map<string, Pod>;
  /** Where the ports of pods lead, by `namespace/name:port`; nothing listens on others. */
  readonly ports: Map<string, number>;
  /** Answers port-forwards with this status instead. */
  refusal: { readonly code: number; readonly message: string } | undefined;
  /** Answers creations of pods with this status instead. */
  createRefusal: { readonly code: number; readonly message: string } | undefined;
  /** Given a pod that was created, before it can be read. */
  onCreate: (pod: Pod) => void;
  /** Answers reads with 503. */
  isAway: boolean;
  readonly address: string;
  /** Web sockets that are open. */
  readonly open: ReadonlySet<WebSocket>;
  /** Bytes that the pods' side has passed on. */
  readonly passedOn: () => number;
  /** Breaks the web sockets that are open. */
  disconnect(): void;
  /** @param address of another server @default its own */
  config(address?: string): KubeConfig;
}

const FORWARD = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward\?ports=(\d+)$/;
const POD = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/?]+)$/;

/** @param options `isSilent`: it answers no ping */
export async function portForwardServer({ isSilent = false } = {}): Promise<PortForwardServer> {
  const pods = new Map<string, Pod>();
  const ports = new Map<string, number>();
  const open = new Set<WebSocket>();
  let passedOn = 0;
  const webSockets = new WebSocketServer({
    noServer: true,
    autoPong: !isSilent,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : ''),
  });
  const create = async (request: IncomingMessage, response: ServerResponse) => {
    const { metadata, ...given } = (await json(request)) as Pod;
    const { createRefusal } = self;
    if (createRefusal !== undefined) {
      response.writeHead(createRefusal.code, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(statusOf(createRefusal.code, createRefusal.message, undefined)));
    }
    const pod: Pod = { ...given, metadata: { ...metadata, uid: metadata!.name! }, status: { phase: 'Pending' } };
    self.onCreate(pod);
    pods.set(`${metadata!.namespace}/${metadata!.name}`, pod);
    response.writeHead(201, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(pod));
  };
  const server = createServer((request, response) => {
    if (request.method === 'POST') return void create(request, response);
    const [, namespace, name] = POD.exec(request.url!) ?? [];
    const pod = pods.get(`${namespace}/${name}`);
    if (request.method === 'DELETE') pods.delete(`${namespace}/${name}`);
    const body = pod ?? statusOf(404, `pods "${name}" not found`, name);
    const code = self.isAway ? 503 : pod === undefined ? 404 : 200;
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(self.isAway ? '' : JSON.stringify(body));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [, namespace, name, port] = FORWARD.exec(request.url!) ?? [];
    const refusal = pods.has(`${namespace}/${name}`)
      ? self.refusal
      : { code: 404, message: `pods "${name}" not found` };
    if (refusal !== undefined) {
      const body = JSON.stringify(statusOf(refusal.code, refusal.message, name));
      socket.end(`HTTP/1.1 ${refusal.code} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      open.add(webSocket);
      webSocket.on('close', () => open.delete(webSocket));
      forward(webSocket, Number(port), ports.get(`${namespace}/${name}:${port}`), (bytes) => (passedOn += bytes));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const disconnect = () => open.forEach((webSocket) => webSocket.terminate());
  const self: PortForwardServer = {
    ...{ pods, ports, open, address, disconnect },
    refusal: undefined,
    createRefusal: undefined,
    onCreate: () => undefined,
    isAway: false,
    passedOn: () => passedOn,
    config(used = address) {
      const config = new KubeConfig();
      config.loadFromOptions({
        clusters: [{ name: 'forwarding', server: used, skipTLSVerify: true }],
        users: [{ name: 'tester' }],
        contexts: [{ name: 'forwarding', cluster: 'forwarding', user: 'tester' }],
        currentContext: 'forwarding',
      });
      return config;
    },
    async [Symbol.asyncDispose]() {
      disconnect();
      server.close();
      server.closeAllConnections();
    },
  };
  return self;
}

/** As a kubelet does it: first the port on each channel, then data on channel 0, an error on channel 1. */
function forward(webSocket: WebSocket, port: number, to: number | undefined, count: (bytes: number) => void): void {
  for (const channel of [0, 1]) webSocket.send(Buffer.from([channel, port & 0xff, port >> 8]));
  if (to === undefined) {
    const text = `error forwarding port ${port} to pod 0815, uid : dial tcp4 127.0.0.1:${port}: connect: connection refused`;
    webSocket.send(Buffer.concat([Buffer.from([1]), Buffer.from(text)]));
    return webSocket.close();
  }
  const target = connect(to, '127.0.0.1');
  target.on('error', () => undefined).on('close', () => webSocket.close());
  target.on('data', (bytes) => {
    target.pause();
    webSocket.send(Buffer.concat([Buffer.from([0]), bytes]), () => {
      count(bytes.length);
      target.resume();
    });
  });
  webSocket.on('message', (message: Buffer) => void target.write(message.subarray(1)));
  webSocket.on('close', () => target.destroy());
}

function statusOf(code: number, message: string, name: string | undefined): object {
  const reason = code === 404 ? 'NotFound' : 'Forbidden';
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    reason,
    details: { name, kind: 'pods' },
    code,
  };
}
