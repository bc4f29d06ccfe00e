import type { ClientRequest, IncomingMessage } from 'node:http';
import { Duplex, PassThrough, Writable } from 'node:stream';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import { FailurePoint, failureOfResponse, failureOfStatus, failureWithoutResponse } from '../errors/failure.ts';
import { isKubernetesError, type KubernetesCall } from '../errors/kubernetes-error.ts';
import type { Access } from './credentials.ts';

export interface PodPortOptions {
  /** Its name and namespace are those of the pod. */
  readonly call: KubernetesCall;
  readonly port: number;
  /** Of the API server, for messages. */
  readonly address: string;
  /** Until the API server has accepted the connection, in milliseconds. */
  readonly timeoutMs: number;
  /** Without any byte, not even the answer to a ping, the connection counts as broken after that many milliseconds. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is used of a web socket of the official client. */
interface WebSocket {
  readonly isPaused: boolean;
  send(data: Buffer, sent: (error?: Error) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
  on(event: 'pong' | 'message' | 'close', listener: () => void): void;
  on(event: 'unexpected-response', listener: (request: ClientRequest, response: IncomingMessage) => void): void;
}

/** The channel of the data; the other one has the error of the kubelet. */
const DATA_CHANNEL = Buffer.from([0]);
const BUFFER_BYTES = 64 * 1024;
/** Kubelets send messages of 32 KiB. */
const LONGEST_MESSAGE = 2 ** 20;
const LONGEST_REFUSAL = 16 * 1024;
const TICKS = 4;

/**
 * A connection to a port of a pod, over a web socket of its own. The API server accepts it before the kubelet has
 * connected: a port on which nothing listens is an error of the stream.
 *
 * @throws KubernetesError where the API server refuses it or is not reachable
 */
export async function openPodPort(access: Access, options: PodPortOptions): Promise<Duplex> {
  const { call, port, address, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const stream = new PodPort(options);
  // An error before the caller listens must not end the process.
  stream.on('error', () => undefined);
  const data = writing((bytes) => stream.received(bytes));
  const problem = writing((bytes) => stream.refused(bytes.toString()));
  let refuse!: (refusal: Error) => void;
  const refusal = new Promise<never>((_, reject) => (refuse = reject));
  const config = configOf(access, timeoutMs, (socket) => {
    stream.use(socket);
    socket.on('unexpected-response', (request, response) => {
      void readRefusal(response).then((body) => {
        const verb = /cannot (\w+) resource/.exec(body)?.[1] ?? call.verb;
        const { statusCode: status = 500, headers } = response;
        refuse(failureOfResponse({ ...call, verb }, { status, headers, body }));
        request.destroy();
      });
    });
  });
  const forward = new PortForward(config, true);
  const abort = () => stream.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });
  stream.once('close', () => signal?.removeEventListener('abort', abort));
  try {
    // What is written goes to the web socket directly: the library neither waits nor limits what is pending.
    const opened = forward.portForward(call.namespace!, call.name!, [port], data, problem, new PassThrough());
    await Promise.race([opened, refusal]);
  } catch (error) {
    stream.destroy();
    signal?.throwIfAborted();
    if (isKubernetesError(error)) throw error;
    // The web socket's own failures are events.
    const { error: cause = error } = error as { readonly error?: unknown };
    const isLate = cause instanceof Error && cause.message.includes('handshake has timed out');
    const point = isLate ? FailurePoint.Deadline : FailurePoint.BeforeSending;
    throw failureWithoutResponse(call, point, address, isLate ? `${timeoutMs} ms` : cause);
  }
  if (stream.errored !== null) throw stream.errored;
  stream.watch();
  return stream;
}

/** The configuration that the official client opens a web socket with: our credentials and limits. */
function configOf(
  { endpoint, headers }: Access,
  handshakeTimeout: number,
  onSocket: (socket: WebSocket) => void,
): KubeConfig {
  const { origin, pathPrefix, tls, proxyUrl, agent } = endpoint;
  const finishRequest = (request: ClientRequest, socket: WebSocket) => {
    onSocket(socket);
    request.end();
  };
  const limits = { handshakeTimeout, maxPayload: LONGEST_MESSAGE, perMessageDeflate: false };
  const options = { ...tls, headers, ...limits, finishRequest, ...(proxyUrl === undefined ? {} : { agent }) };
  const used = {
    getCurrentCluster: () => ({ name: '', server: `${origin}${pathPrefix}`, skipTLSVerify: false }),
    applyToHTTPSOptions: async (target: object) => void Object.assign(target, options),
  };
  return used as unknown as KubeConfig;
}

class PodPort extends Duplex {
  private readonly options: PodPortOptions;
  private socket: WebSocket | undefined;
  private problem = '';
  /** The pod reads no more. */
  private isClosed = false;
  private dropWrite: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: PodPortOptions) {
    super({ allowHalfOpen: false, readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.options = options;
  }

  use(socket: WebSocket): void {
    this.socket = socket;
    socket.on('close', () => this.onClose());
  }

  received(bytes: Buffer): void {
    if (!this.push(bytes)) this.socket?.pause();
  }

  refused(text: string): void {
    this.problem = `${this.problem}${text}`.slice(0, 1_000);
  }

  /** Breaks the connection after a silence. */
  watch(): void {
    const { call, address, silenceMs } = this.options;
    let silent = 0;
    const heard = () => (silent = 0);
    this.socket!.on('pong', heard);
    this.socket!.on('message', heard);
    // Counted in ticks, not by the clock, which is misleading after a suspension of this process.
    this.timer = setInterval(() => {
      // Nothing is read while the reader is slow.
      silent = this.socket!.isPaused ? 0 : silent + 1;
      if (silent > TICKS) {
        const cause = `no sign of life for ${silenceMs} ms`;
        this.destroy(failureWithoutResponse(call, FailurePoint.AfterSending, address, cause));
      } else this.socket!.ping();
    }, silenceMs / TICKS).unref();
  }

  override _read(): void {
    this.socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.isClosed) return done();
    this.dropWrite = done;
    this.socket!.send(Buffer.concat([DATA_CHANNEL, chunk]), (error) => {
      // One that fails waits for the close that follows it, which has the reason.
      if (error == null) done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.timer);
    this.socket?.terminate();
    done(error);
  }

  private onClose(): void {
    this.isClosed = true;
    if (this.destroyed) return;
    if (this.problem === '') {
      this.push(null);
      if (this.writableLength > 0) this.dropWrite();
      return;
    }
    const { call, port } = this.options;
    this.destroy(failureOfStatus(call, { code: 500, kind: 'Status', message: `port ${port}: ${this.problem}` }));
  }
}

const writing = (take: (bytes: Buffer) => void): Writable =>
  new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      take(bytes);
      done();
    },
  });

/** The first of the answer of a server that does not open a web socket. */
async function readRefusal(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      body += chunk;
      if (body.length > LONGEST_REFUSAL) break;
    }
  } catch {
    // What came is what there is.
  }
  return body;
}
