import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers as Spark's History Server does. */
export interface FakeHistoryServer extends Disposable {
  readonly port: number;
  /** What it lists, by application ID, with the attempt IDs. */
  readonly applications: Map<string, readonly (string | undefined)[]>;
  /** `unread`: it has not read its directory yet; `reading`: it reads event logs; `read`: it has read them all. */
  progress: 'unread' | 'reading' | 'read';
}

const UPDATED = '<p>Last updated: <span id="last-updated">1796000000000</span></p>';
const READING = '<p>There are 3 event log(s) currently being\n                processed which may result in …</p>';

export async function fakeHistoryServer(): Promise<FakeHistoryServer> {
  const applications: FakeHistoryServer['applications'] = new Map();
  const server: Server = createServer(({ url = '' }, response) => {
    if (url === '/') {
      response.end(`<html>${self.progress === 'reading' ? READING : ''}${self.progress === 'unread' ? '' : UPDATED}`);
      return;
    }
    const id = url.replace('/api/v1/applications/', '');
    const attempts = applications.get(id);
    if (attempts === undefined) response.writeHead(404).end(`unknown app ${id}`);
    else response.end(JSON.stringify({ id, name: 'pi', attempts: attempts.map((attemptId) => ({ attemptId })) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: FakeHistoryServer = {
    port: (server.address() as AddressInfo).port,
    applications,
    progress: 'read',
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return self;
}
