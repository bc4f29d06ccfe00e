import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';

export interface RecordingStub extends AsyncDisposable {
  readonly url: string;
  /** Every object that was created or applied since the last call. */
  take(): KubernetesObject[];
}

export const POD_UID = '00000000-0000-0000-0000-000000000000';

/** An API server that accepts everything, remembers what it was sent, and knows nothing else. */
export async function startRecordingStub(): Promise<RecordingStub> {
  let objects: KubernetesObject[] = [];
  const server = createServer((request, response) => {
    void body(request).then((text) => {
      const writes = request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH';
      response.setHeader('content-type', 'application/json');
      if (!writes) {
        response.statusCode = 404;
        response.end(
          JSON.stringify({ apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }),
        );
        return;
      }
      const object = JSON.parse(text) as KubernetesObject;
      objects.push(object);
      response.end(JSON.stringify({ ...object, metadata: { ...object.metadata, uid: POD_UID } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => objects.splice(0),
    [Symbol.asyncDispose]: async () => {
      objects = [];
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
