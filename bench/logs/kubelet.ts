import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createSecureServer, type Http2ServerResponse } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority } from '../../lab/certificates.ts';

/** What each driver writes: 40 lines of 100 bytes a second. */
export const LINES_PER_SECOND = 40;
export const LINE_BYTES = 100;
const TICK_MS = 250;
const PER_TICK = (LINES_PER_SECOND * TICK_MS) / 1_000;
/** As an API server allows them. */
const STREAMS_PER_CONNECTION = 100;

/** An API server with nothing but logs of drivers, each of which writes from its first reader to `end`. */
export interface SimulatedKubelet extends AsyncDisposable {
  readonly kubeconfig: string;
  /** All drivers end. @returns how many bytes they wrote */
  end(): number;
}

interface Log {
  readonly begun: number;
  lines: number;
  readonly readers: Map<Http2ServerResponse, number>;
}

/** Lines are made when they are read, so that this process keeps none. */
export async function serveLogs(): Promise<SimulatedKubelet> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-logs-'));
  const authority = await createCertificateAuthority(directory);
  const certificate = await authority.issue({ name: 'server', commonName: 'server', ips: ['127.0.0.1'] });
  const logs = new Map<string, Log>();
  let isOver = false;

  const serve = (log: Log, response: Http2ServerResponse) => {
    const from = log.readers.get(response)!;
    if (from >= log.lines || response.writableNeedDrain) return;
    response.write(linesOf(log, from));
    log.readers.set(response, log.lines);
  };
  const server = createSecureServer({
    key: await readFile(certificate.keyFile),
    cert: await readFile(certificate.certFile),
    settings: { maxConcurrentStreams: STREAMS_PER_CONNECTION },
  });
  server.on('request', (request, response) => {
    const url = new URL(request.url, 'https://simulated');
    const [, pod] = /\/pods\/([^/]+)\/log$/.exec(url.pathname) ?? [];
    if (pod === undefined) return void response.writeHead(404).end('{}');
    let log = logs.get(pod);
    if (log === undefined) logs.set(pod, (log = { begun: Date.now(), lines: 0, readers: new Map() }));
    const since = url.searchParams.get('sinceTime');
    const from =
      since === null ? 0 : Math.max(0, Math.ceil((Date.parse(since) - log.begun) / (1_000 / LINES_PER_SECOND)));
    response.writeHead(200, { 'content-type': 'text/plain' });
    if (isOver || url.searchParams.get('follow') !== 'true') {
      response.end(linesOf(log, from));
      return;
    }
    log.readers.set(response, from);
    response.on('close', () => log.readers.delete(response)).on('drain', () => serve(log, response));
  });
  const timer = setInterval(() => {
    for (const log of logs.values()) {
      log.lines += PER_TICK;
      for (const response of log.readers.keys()) serve(log, response);
    }
  }, TICK_MS);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromOptions({
    clusters: [
      {
        name: 'simulated',
        server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        caFile: authority.certFile,
      },
    ],
    users: [{ name: 'worker' }],
    contexts: [{ name: 'simulated', cluster: 'simulated', user: 'worker' }],
    currentContext: 'simulated',
  });
  return {
    kubeconfig: kubeconfig.exportConfig(),
    end() {
      isOver = true;
      clearInterval(timer);
      for (const log of logs.values()) {
        for (const [response, from] of log.readers) response.end(linesOf(log, from));
      }
      return [...logs.values()].reduce((bytes, { lines }) => bytes + lines * LINE_BYTES, 0);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** With their times, as a kubelet has them. */
function linesOf({ begun, lines }: Log, from: number): string {
  let text = '';
  for (let line = from; line < lines; line += 1) {
    const time = new Date(begun + (line * 1_000) / LINES_PER_SECOND).toISOString();
    text += `${time} ${String(line).padEnd(LINE_BYTES - 1, ' 26/12/01 03:00:00 INFO TaskSetManager: Finished task')}\n`;
  }
  return text;
}
