import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** An API server for one spark-submit: it records what it is sent, and does nothing else. */
export interface RecordingEndpoint extends AsyncDisposable {
  readonly url: string;
  /** Bearer token without which it answers 401. */
  readonly token: string;
  /** What was created or applied, in that order. */
  readonly objects: readonly KubernetesObject[];
}

/** The owner returned to spark-submit; no created object gets it. */
const POD_UID = '00000000-0000-0000-0000-000000000000';
/** As much as an API server takes in one request, and many times what Spark makes. */
const BODY_LIMIT = 3 * 1024 * 1024;
const OBJECT_LIMIT = 100;

export async function startRecordingEndpoint(): Promise<RecordingEndpoint> {
  const token = randomBytes(32).toString('hex');
  const objects: KubernetesObject[] = [];
  const answerTo = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    if (request.headers.authorization !== `Bearer ${token}`) return failure(401, 'Unauthorized');
    if (!['POST', 'PUT', 'PATCH'].includes(request.method ?? '')) return failure(404, 'NotFound');
    const object = await objectOf(request);
    if (object === undefined || objects.length >= OBJECT_LIMIT) return failure(413, 'RequestEntityTooLarge');
    objects.push(object);
    return [200, { ...object, metadata: { ...object.metadata, uid: POD_UID } }];
  };
  const server = createServer((request, response) => {
    answerTo(request)
      .catch(() => failure(400, 'BadRequest'))
      .then(([status, body]) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      )
      .catch(() => request.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    objects,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function failure(code: number, reason: string): [number, object] {
  return [code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', reason, code }];
}

/** Undefined where it is too large. */
async function objectOf(request: IncomingMessage): Promise<KubernetesObject | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_LIMIT) return undefined;
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as KubernetesObject;
}
