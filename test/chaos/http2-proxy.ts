import { once } from 'node:events';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
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

/** Holds a call for as long as it likes; `lost` says that it, or its answer, never arrives. */
export type Gate = (call: Call, side: Side) => Promise<'pass' | 'lost'> | undefined;

export interface ProxyOptions {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** What the proxy presents to the server. */
  readonly upstream?: http2.SecureClientSessionOptions;
  /** What it presents to clients; absent: cleartext. */
  readonly certificate?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  readonly gate: Gate;
}

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
   * Paths of the answers that are still being read, such as watches. A stream whose connection is gone is none: Node does
   * not always tell of its end, nor of its session's.
   */
  get open(): string[] {
    return [...this.streams].flatMap(([{ destroyed, session }, { path, connection }]) =>
      destroyed || session === undefined || session.destroyed || connection?.isOpen === false ? [] : [path],
    );
  }

  get port(): number {
    return this.relay.port;
  }

  close(): void {
    this.relay.close();
    this.server.close();
    for (const session of this.sessions) session.destroy();
  }

  private serve(session: http2.ServerHttp2Session, { server, upstream, gate }: ProxyOptions): void {
    this.sessions.add(session);
    const { remotePort } = session.socket;
    // Looked up when it is needed: the relay may hear of its own connection later than we do.
    const connection = () => this.relay.connections.get(remotePort!);
    const origin = http2.connect(server, upstream);
    // A server that dies takes its connections with it.
    origin.on('error', () => undefined);
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
      this.exchange(stream, headers, origin, connection(), gate).catch(() => {
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
    gate: Gate,
  ): Promise<void> {
    this.streams.set(stream, { path: headers[':path']!, connection });
    stream.on('close', () => this.streams.delete(stream));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call: Call = { method: headers[':method']!, path: headers[':path']!, body, connection };
    if ((await gate(call, 'before')) === 'lost' || stream.destroyed || origin.destroyed) return;
    const request = origin.request(headers, { endStream: body.length === 0 });
    request.on('error', () => undefined);
    stream.on('close', () => request.close(http2.constants.NGHTTP2_CANCEL));
    if (body.length > 0) request.end(body);
    let trailers: http2.IncomingHttpHeaders = {};
    request.on('trailers', (received: http2.IncomingHttpHeaders) => (trailers = received));
    const [answer, flags] = (await once(request, 'response')) as [http2.IncomingHttpHeaders, number];
    if ((await gate(call, 'after')) === 'lost' || stream.destroyed) return;
    if ((flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(answer, { endStream: true });
      return;
    }
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    request.on('close', () => {
      if (request.rstCode !== 0) stream.close(request.rstCode);
    });
    request.pipe(stream);
  }
}
