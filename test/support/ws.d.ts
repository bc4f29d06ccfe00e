/** What the tests use of `ws`, which has no types of its own. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export class WebSocket extends EventEmitter {
    send(data: Buffer, sent?: (error?: Error) => void): void;
    close(): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: { noServer: true; autoPong?: boolean; handleProtocols?: (offered: Set<string>) => string });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, opened: (socket: WebSocket) => void): void;
  }
}
