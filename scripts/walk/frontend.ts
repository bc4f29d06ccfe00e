import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Is awaited before a call is answered. Gets the name of the method, such as `StartWorkflowExecution`. */
export type OnCall = (method: string) => Promise<void>;

/** An empty message of gRPC: not compressed, of length 0. */
const EMPTY = Buffer.alloc(5);

/** In place of a Temporal server: it answers each call with an empty message. */
export class Frontend implements AsyncDisposable {
  /** @default nothing happens */
  onCall: OnCall = async () => undefined;
  private readonly server: Http2Server;

  private constructor(server: Http2Server) {
    this.server = server;
  }

  static async start(): Promise<Frontend> {
    const server = createServer();
    const frontend = new Frontend(server);
    server.on('stream', (stream, { ':path': path = '' }) => {
      stream.resume();
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.on('end', () => {
        void frontend.onCall(path.split('/').at(-1)!).then(() => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
          stream.end(EMPTY);
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return frontend;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
  }
}
