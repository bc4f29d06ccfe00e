import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A connection that can be broken the ways networks break them. */
export class RelayedConnection {
  private readonly near: Socket;
  private readonly far: Socket;

  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  /** Of the side towards the server: what the server sees as the remote port. */
  get port(): number | undefined {
    return this.far.localPort;
  }

  get isOpen(): boolean {
    return !this.near.destroyed && !this.far.destroyed;
  }

  /** Both sides see the connection reset. */
  reset(): void {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
  }

  /** The client sees the end of what it receives; what it sends still arrives. */
  halfClose(): void {
    this.far.unpipe(this.near);
    this.far.resume();
    this.near.end();
  }

  /** Nothing passes any more in either direction, without an error; after a while it is reset. */
  drop(forMs: number): void {
    this.near.unpipe(this.far);
    this.far.unpipe(this.near);
    this.near.pause();
    this.far.pause();
    setTimeout(() => this.reset(), forMs).unref();
  }
}

/** Passes bytes on to a port of the loopback, connection by connection. */
export class TcpRelay {
  readonly connections = new Map<number, RelayedConnection>();
  private readonly server: Server;
  /** Nothing passes until then. */
  private cutUntil = 0;

  private constructor(server: Server) {
    this.server = server;
  }

  static async listen(toPort: number): Promise<TcpRelay> {
    const server = createServer();
    const relay = new TcpRelay(server);
    server.on('connection', (near) => {
      near.on('error', () => undefined);
      const cutMs = relay.cutUntil - Date.now();
      if (cutMs > 0) {
        near.pause();
        setTimeout(() => near.resetAndDestroy(), cutMs).unref();
        return;
      }
      const far = connect(toPort, '127.0.0.1');
      far.on('error', () => near.destroy());
      far.once('connect', () => {
        const connection = new RelayedConnection(near, far);
        const { port } = connection;
        relay.connections.set(port!, connection);
        far.once('close', () => relay.connections.delete(port!));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Nothing passes on any connection, nor on new ones, and neither side is notified; after a while they are reset. */
  cut(forMs: number): void {
    this.cutUntil = Date.now() + forMs;
    for (const connection of this.connections.values()) connection.drop(forMs);
  }

  close(): void {
    this.server.close();
    for (const connection of this.connections.values()) connection.reset();
  }
}
