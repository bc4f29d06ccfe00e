import { once } from 'node:events';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Http2Proxy } from './http2-proxy.ts';

it('passes the GOAWAY of the server on, whose streams continue', async () => {
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200 });
    if (headers[':path'] === '/watch') stream.write('event');
    else stream.end('answer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await Http2Proxy.listen({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    gate: () => undefined,
  });
  const clients: http2.ClientHttp2Session[] = [];
  const connect = () => {
    const client = http2.connect(`http://127.0.0.1:${proxy.port}`);
    clients.push(client.on('error', () => undefined));
    return client;
  };
  onTestFinished(() => {
    for (const session of [...clients, ...sessions]) session.destroy();
    proxy.close();
    server.close();
  });

  const client = connect();
  const watch = client.request({ ':path': '/watch' });
  await once(watch, 'data');
  const goesAway = once(client, 'goaway');
  sessions[0]!.goaway();
  await goesAway;
  expect(watch.closed).toBe(false);
  const request = connect().request({ ':path': '/' });
  const [headers] = (await once(request, 'response')) as [http2.IncomingHttpHeaders];
  expect(headers[':status']).toBe(200);
});
