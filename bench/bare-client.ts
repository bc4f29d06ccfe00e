import { readFileSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { parse } from 'yaml';

const REWATCH_MS = 100;

interface Kubeconfig {
  readonly clusters: readonly [{ cluster: { server: string; 'certificate-authority-data': string } }];
  readonly users: readonly [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

/** The minimum that talks to an API server: one HTTP/2 session and JSON. No client can be faster. */
export class BareClient {
  private readonly session: ClientHttp2Session;

  constructor(kubeconfigFile: string) {
    const config = parse(readFileSync(kubeconfigFile, 'utf8')) as Kubeconfig;
    const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
    const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
    this.session = connect(server, {
      ca: Buffer.from(ca, 'base64'),
      cert: Buffer.from(cert, 'base64'),
      key: Buffer.from(key, 'base64'),
    });
  }

  post(path: string, object: unknown): Promise<{ metadata: { uid: string } }> {
    return this.send('POST', path, object) as Promise<{ metadata: { uid: string } }>;
  }

  /** Sends a body as JSON, or as the type that is given, and reads the answer. */
  send(method: string, path: string, object: unknown, type = 'application/json'): Promise<unknown> {
    const body = Buffer.from(JSON.stringify(object));
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ':method': method,
        ':path': path,
        'content-type': type,
        'content-length': body.length,
      });
      const chunks: Buffer[] = [];
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (status === 200 || status === 201) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${status} ${text}`));
      });
      stream.end(body);
    });
  }

  /** Passes on each event until the client is closed; an API server ends the watch of a client that is too slow. */
  watch(path: string, onEvent: (event: unknown) => void): void {
    const stream = this.session.request({ ':method': 'GET', ':path': `${path}?watch=true` });
    let rest = '';
    stream.setEncoding('utf8');
    // The session ends while the watch is open.
    stream.on('error', () => undefined);
    stream.on('close', () => {
      setTimeout(() => {
        if (!this.session.destroyed) this.watch(path, onEvent);
      }, REWATCH_MS);
    });
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) onEvent(JSON.parse(line));
    });
    stream.end();
  }

  close(): void {
    this.session.destroy();
  }
}
