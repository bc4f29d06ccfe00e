import { readFileSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { parse } from 'yaml';

interface Kubeconfig {
  readonly clusters: readonly [{ cluster: { server: string; 'certificate-authority-data': string } }];
  readonly users: readonly [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

/** The minimum that posts an object to an API server: one HTTP/2 session and JSON. No client can be faster. */
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
    const body = Buffer.from(JSON.stringify(object));
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/json',
        'content-length': body.length,
      });
      const chunks: Buffer[] = [];
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (status === 201) resolve(JSON.parse(text) as { metadata: { uid: string } });
        else reject(new Error(`POST ${path}: ${status} ${text}`));
      });
      stream.end(body);
    });
  }

  close(): void {
    this.session.close();
  }
}
