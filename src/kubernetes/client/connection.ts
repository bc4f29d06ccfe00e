import type { Socket } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import type { OtherIdentity } from './kubernetes-client.ts';
import type { Access, Credentials, Endpoint } from './credentials.ts';
import { StreamExchange, WholeExchange, type ApiResponse, type Exchange, type ExchangeOptions } from './exchange.ts';
import { FailurePoint, failureWithoutResponse } from '../errors/failure.ts';
import { isKubernetesError, KubernetesErrorType, type KubernetesCall } from '../errors/kubernetes-error.ts';
import { openPodPort, type PodPortOptions } from './pod-port.ts';
import { resetGivenUp } from './stream-reset.ts';
import { openTunnel } from './tunnel.ts';

export interface ApiRequest {
  readonly call: KubernetesCall;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly body?: string | undefined;
  /** Of the body. @default "application/json" */
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** User that makes it. @default the user of the credentials */
  readonly identity?: OtherIdentity | undefined;
  /** Until the whole answer is in; of a stream, until its headers are. In milliseconds. */
  readonly timeoutMs: number;
  /** Of a whole answer; refusals have `BodyLimit.Answer`. */
  readonly limitBytes: number;
  /**
   * Whether a pod answers it, through the API server: status and headers are then the pod's, and prove nothing about the
   * API server, its clock or our credentials. @default false
   */
  readonly ofPod?: boolean | undefined;
}

/** A connection to a port of a pod. */
export interface PodPortRequest extends Pick<PodPortOptions, 'call' | 'port' | 'timeoutMs' | 'signal'> {
  /** User that makes it. @default the user of the credentials */
  readonly identity?: OtherIdentity | undefined;
}

export interface ConnectionOptions {
  readonly userAgent: string;
  /** Milliseconds without any response, not even to a PING, after which a connection counts as broken. */
  readonly silenceMs: number;
  /** How long a connection, or a tunnel through a proxy, may take to be there, in milliseconds. */
  readonly connectTimeoutMs: number;
}

/** How long a connection without requests is kept. */
const IDLE_MS = 60_000;
/** More than servers grant, so that the server's own limit counts; beyond it another connection is opened. */
const MAX_CONCURRENT_STREAMS = 1_000;
/** Over HTTP/1.1 each request under way takes one. */
const MAX_CONNECTIONS = 128;

/**
 * The connection to one cluster. Requests share one HTTP/2 session, which is replaced when the server sends GOAWAY,
 * resets it or stops answering PINGs; where a proxy in front of the API server refuses HTTP/2, connections of HTTP/1.1
 * are kept alive instead. Failures are `KubernetesError`s. Nothing is tried again here but what the server provably did
 * not take (refused streams, requests behind a GOAWAY) and, with the kubeconfig read again, a 401 and a certificate that
 * is not trusted.
 */
export class Connection {
  private readonly credentials: Credentials;
  private readonly options: ConnectionOptions;
  private pool: Pool | undefined;
  private endpoint: Endpoint | undefined;
  /** Connections without a client certificate: it would count, and a token on top of it would not. */
  private bare: { readonly of: Endpoint; readonly pool: Pool } | undefined;
  private readonly podPorts = new Set<Duplex>();
  private closed = false;

  constructor(credentials: Credentials, options: ConnectionOptions) {
    this.credentials = credentials;
    this.options = options;
  }

  /** The whole answer, whatever its status. */
  async send(request: ApiRequest): Promise<ApiResponse> {
    return this.authorized(request, (options) => new WholeExchange(options));
  }

  /** The answer as soon as its headers are in. Its body honours backpressure and fails with a `KubernetesError`. */
  async stream(request: ApiRequest): Promise<ApiResponse<Readable>> {
    return this.authorized(request, (options) => new StreamExchange(options));
  }

  /** A connection to a port of a pod, over a web socket of its own, because those do not share an HTTP/2 session. */
  async openPodPort({ identity, ...request }: PodPortRequest): Promise<Duplex> {
    for (;;) {
      const { address } = this.credentials;
      const closed = () => failureWithoutResponse(request.call, FailurePoint.Closed, address, undefined);
      if (this.closed) throw closed();
      const access = await this.credentials.current();
      const own = { ...request, address, silenceMs: this.options.silenceMs };
      try {
        const stream = await openPodPort(identity === undefined ? access : accessAs(identity, access), own);
        if (this.closed) {
          stream.destroy();
          throw closed();
        }
        this.podPorts.add(stream);
        return stream.once('close', () => this.podPorts.delete(stream));
      } catch (error) {
        const isOld = isKubernetesError(error, KubernetesErrorType.UntrustedServer, KubernetesErrorType.Unauthorized);
        if (!isOld || (identity !== undefined && 'token' in identity) || !this.credentials.renew(access)) throw error;
      }
    }
  }

  /** Fails all that is under way, and all that comes after, with a `KubernetesError` of type ClientClosed. */
  close(): void {
    this.closed = true;
    void this.pool?.destroy();
    void this.bare?.pool.destroy();
    for (const stream of this.podPorts) stream.destroy();
    this.credentials.close();
  }

  private async authorized<Body>(
    request: ApiRequest,
    open: (options: ExchangeOptions) => Exchange<Body>,
  ): Promise<ApiResponse<Body>> {
    for (;;) {
      const exchange = open({ ...request, address: this.credentials.address });
      let used: Access | undefined;
      if (this.closed) {
        exchange.fail(FailurePoint.Closed);
      } else {
        // The exchange settles on its own deadline, also while a credential plugin takes its time.
        this.credentials.current().then(
          (access) => this.dispatch(request, (used = access), exchange),
          (error: unknown) => exchange.giveUp(error),
        );
      }
      let response: ApiResponse<Body>;
      try {
        response = await exchange.response;
      } catch (error) {
        // The cluster may have the next certificate authority, and the kubeconfig, too.
        const isUntrusted = isKubernetesError(error, KubernetesErrorType.UntrustedServer);
        if (!isUntrusted || !this.credentials.renew(used!)) throw error;
        continue;
      }
      // A rejected token of another user does not invalidate the kubeconfig's credentials.
      const own = request.identity === undefined || 'user' in request.identity;
      if (response.status !== 401 || request.ofPod === true || !own || !this.credentials.renew(used!)) return response;
      if (response.body instanceof Readable) response.body.destroy();
    }
  }

  private dispatch<Body>(request: ApiRequest, { endpoint, headers }: Access, exchange: Exchange<Body>): void {
    if (request.signal?.aborted === true) exchange.giveUp(request.signal.reason);
    if (this.closed) exchange.fail(FailurePoint.Closed);
    if (!exchange.wanted) return;
    const { identity } = request;
    const pool = identity !== undefined && 'token' in identity ? this.barePoolOf(endpoint) : this.poolOf(endpoint);
    pool.dispatch(
      {
        method: request.method,
        path: endpoint.pathPrefix + request.path,
        headers: {
          accept: 'application/json',
          'user-agent': this.options.userAgent,
          ...(identity === undefined ? headers : headersAs(identity, headers)),
          ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        },
        body: request.body ?? null,
        // An exchange has its own deadline, which covers the wait for a connection too.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  }

  private poolOf(endpoint: Endpoint): Pool {
    if (this.pool !== undefined && this.endpoint === endpoint) return this.pool;
    void this.pool?.close(); // what is under way on it, with the previous certificate, may finish
    this.endpoint = endpoint;
    return (this.pool = this.newPool(endpoint));
  }

  private barePoolOf(endpoint: Endpoint): Pool {
    if (this.bare?.of === endpoint) return this.bare.pool;
    void this.bare?.pool.close();
    this.bare = { of: endpoint, pool: this.newPool(withoutCertificate(endpoint)) };
    return this.bare.pool;
  }

  private newPool(endpoint: Endpoint): Pool {
    return new Pool(endpoint.origin, {
      connect: connectorOf(endpoint, this.options),
      connections: MAX_CONNECTIONS,
      keepAliveTimeout: IDLE_MS,
      h2Options: {
        maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
        pingInterval: Math.ceil(this.options.silenceMs / 4),
      },
    });
  }
}

/** Replaces the user that the kubeconfig impersonates: its groups must not be added to this user's. */
function headersAs(identity: OtherIdentity, headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('impersonate-')));
  return 'user' in identity
    ? { ...own, 'impersonate-user': identity.user }
    : { ...own, authorization: `Bearer ${identity.token}` };
}

function withoutCertificate(endpoint: Endpoint): Endpoint {
  const { cert: _, key: __, passphrase: ___, ...tls } = endpoint.tls;
  return { ...endpoint, tls };
}

function accessAs(identity: OtherIdentity, { endpoint, headers }: Access): Access {
  return {
    endpoint: 'token' in identity ? withoutCertificate(endpoint) : endpoint,
    headers: headersAs(identity, headers),
  };
}

function connectorOf(
  { origin, tls, proxyUrl, agent }: Endpoint,
  { silenceMs, connectTimeoutMs }: ConnectionOptions,
): buildConnector.connector {
  const connect = buildConnector({
    ...tls,
    preferH2: true,
    timeout: connectTimeoutMs,
    keepAliveInitialDelay: 30_000,
  });
  return (options, callback) => {
    const connected: buildConnector.Callback = (...result) => {
      const [, socket] = result;
      if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') {
        watchForLife(socket, silenceMs);
        resetGivenUp(socket);
      }
      callback(...result);
    };
    if (proxyUrl === undefined) return connect(options, connected);
    const secure = origin.startsWith('https:');
    const port = Number(options.port || (secure ? 443 : 80));
    openTunnel({ host: options.hostname, port, proxyUrl, agent, timeoutMs: connectTimeoutMs }).then(
      (socket) => {
        if (secure) connect({ ...options, httpSocket: socket }, connected);
        else connected(null, socket);
      },
      (error: Error) => connected(error, null),
    );
  };
}

/**
 * Destroys a connection on which nothing has arrived for that long, although PINGs are sent: its requests fail then,
 * instead of waiting until the kernel stops retransmitting.
 */
function watchForLife(socket: Socket, silenceMs: number): void {
  const ticks = 8;
  let seen = socket.bytesRead;
  let silent = 0;
  // Counted in ticks, not by the clock, which is misleading after a suspension of this process.
  const timer = setInterval(() => {
    silent = socket.bytesRead === seen ? silent + 1 : 0;
    seen = socket.bytesRead;
    if (silent >= ticks) socket.destroy(new Error(`no sign of life for ${silenceMs} ms`));
  }, silenceMs / ticks).unref();
  socket.once('close', () => clearInterval(timer));
}
