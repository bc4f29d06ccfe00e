import { once } from 'node:events';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pipeline, type Duplex, type Readable } from 'node:stream';
import { TcpRelay, type RelayedConnection } from './tcp-relay.ts';

/** One request of a worker, on its way to a server. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  /** The connection it came over; absent once that is gone. */
  readonly connection: RelayedConnection | undefined;
}

/** Before the server has seen the request, or after it has answered and before the client hears of that. */
export type Side = 'before' | 'after';

/** What becomes of a held call. */
export const Verdict = {
  Pass: 'pass',
  /** It, or its answer, never arrives. */
  Lost: 'lost',
  /** The client sees an error now, and the server the request some seconds later. */
  Late: 'late',
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Holds a call for as long as it likes. */
export type Gate = (call: Call, side: Side) => Promise<Verdict> | undefined;

/** In the place of the server's. */
export interface GivenAnswer {
  readonly status: number;
  /** JSON, or no end of anything. */
  readonly body: Readable;
}

export interface ProxyOptions {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** What the proxy presents to the server. */
  readonly upstream?: http2.SecureClientSessionOptions;
  /** What it presents to clients; absent: cleartext. */
  readonly certificate?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  readonly gate: Gate;
  /** Answers in the place of the server. */
  readonly answer?: (call: Call) => GivenAnswer | undefined;
  /** Changes answers: their headers in place, their bodies on the way through what it returns. @default none */
  readonly rewrite?: (headers: http2.IncomingHttpHeaders) => Duplex;
}

/** As behind a slow webhook or a load balancer. */
const LATE_MS = 9_000;

/** Calls under way at once on one connection, as API servers grant. */
const MAX_STREAMS = 100;

/** A proxy of HTTP/2 on the loopback that sees each call, and whose connections can be broken. */
export class Http2Proxy {
  private readonly streams = new Map<http2.ServerHttp2Stream, Pick<Call, 'path' | 'connection'>>();
  readonly relay: TcpRelay;
  private readonly server: http2.Http2Server;
  private readonly sessions = new Set<http2.ServerHttp2Session>();

  private constructor(server: http2.Http2Server, relay: TcpRelay) {
    this.server = server;
    this.relay = relay;
  }

  static async listen(options: ProxyOptions): Promise<Http2Proxy> {
    const settings = { settings: { maxConcurrentStreams: MAX_STREAMS } };
    const { certificate } = options;
    const server =
      certificate === undefined
        ? http2.createServer(settings)
        : (http2.createSecureServer({ ...settings, ...certificate }) as http2.Http2Server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = await TcpRelay.listen((server.address() as AddressInfo).port);
    const proxy = new Http2Proxy(server, relay);
    server.on('session', (session) => proxy.serve(session, options));
    server.on('sessionError', () => undefined);
    return proxy;
  }

  /**
   * Paths of the answers that are still being read, such as watches. A stream whose connection is gone does not count: Node does
   * not always report its end, nor its session's.
   */
  get open(): string[] {
    return [...this.streams].flatMap(([{ destroyed, session }, { path, connection }]) =>
      destroyed || session === undefined || session.destroyed || connection?.isOpen === false ? [] : [path],
    );
  }

  /** Ends those whose path matches as a server does that has dropped their resource version. */
  expire(path: RegExp): void {
    for (const [stream, { path: of }] of this.streams) {
      if (stream.destroyed || !of.includes('watch=') || !path.test(of)) continue;
      stream.emit('expire');
    }
  }

  get port(): number {
    return this.relay.port;
  }

  close(): void {
    this.relay.close();
    this.server.close();
    for (const session of this.sessions) session.destroy();
  }

  private serve(session: http2.ServerHttp2Session, options: ProxyOptions): void {
    const { server, upstream } = options;
    this.sessions.add(session);
    const { remotePort } = session.socket;
    // Looked up when it is needed: the relay may hear of its own connection later than we do.
    const connection = () => this.relay.connections.get(remotePort!);
    const origin = http2.connect(server, upstream);
    // A server that dies takes its connections with it.
    origin.on('error', () => undefined);
    // It takes no more requests, while watches continue: the client must connect again, as it would without the proxy.
    origin.on('goaway', () => session.close());
    origin.on('close', () => {
      connection()?.reset();
      session.destroy();
    });
    session.on('error', () => undefined);
    session.on('close', () => {
      this.sessions.delete(session);
      origin.destroy();
    });
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.exchange(stream, headers, origin, connection(), options).catch(() => {
        // The server did not answer: nor do we.
        stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      });
    });
  }

  private async exchange(
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    origin: http2.ClientHttp2Session,
    connection: RelayedConnection | undefined,
    { gate, answer, rewrite, ...target }: ProxyOptions,
  ): Promise<void> {
    this.streams.set(stream, { path: headers[':path']!, connection });
    stream.on('close', () => this.streams.delete(stream));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call: Call = { method: headers[':method']!, path: headers[':path']!, body, connection };
    const given = answer?.(call);
    if (given !== undefined) {
      stream.respond({ ':status': given.status, 'content-type': 'application/json' });
      pipeline(given.body, stream, () => undefined);
      return;
    }
    const before = await gate(call, 'before');
    if (before === Verdict.Late) {
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      void sendLate(target, headers, body);
      return;
    }
    if (before === Verdict.Lost || stream.destroyed || origin.destroyed) return;
    const request = origin.request(headers, { endStream: body.length === 0 });
    request.on('error', () => undefined);
    stream.on('close', () => request.close(http2.constants.NGHTTP2_CANCEL));
    if (body.length > 0) request.end(body);
    let trailers: http2.IncomingHttpHeaders = {};
    request.on('trailers', (received: http2.IncomingHttpHeaders) => (trailers = received));
    const [response, flags] = (await once(request, 'response')) as [http2.IncomingHttpHeaders, number];
    if ((await gate(call, 'after')) === Verdict.Lost || stream.destroyed) return;
    if ((flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(response, { endStream: true });
      return;
    }
    const rewritten = rewrite === undefined ? request : request.pipe(rewrite(response));
    stream.respond(response, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    request.on('close', () => {
      if (request.rstCode !== 0) stream.close(request.rstCode);
    });
    rewritten.pipe(stream);
    stream.once('expire', () => {
      rewritten.unpipe(stream);
      stream.end(`${JSON.stringify(EXPIRED)}\n`);
      request.close(http2.constants.NGHTTP2_CANCEL);
    });
  }
}

/** As the last event of a watch. */
const EXPIRED = {
  type: 'ERROR',
  object: {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Expired', code: 410 },
    message: 'too old resource version',
  },
};

/** Over a connection of its own: that of the client may be gone by then. */
async function sendLate(
  { server, upstream }: Pick<ProxyOptions, 'server' | 'upstream'>,
  headers: http2.IncomingHttpHeaders,
  body: Buffer,
): Promise<void> {
  await delay(LATE_MS);
  const session = http2.connect(server, upstream);
  session.on('error', () => undefined);
  const request = session.request(headers, { endStream: body.length === 0 });
  request.on('error', () => session.destroy());
  request.on('close', () => session.close());
  request.resume();
  if (body.length > 0) request.end(body);
}
