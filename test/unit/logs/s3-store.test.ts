import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { S3Store } from '../../../src/logs/s3-store.ts';
import { S3_CREDENTIALS } from '../../support/s3-server.ts';

it('fails where a store takes a request and does not answer it', async () => {
  for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const store = new S3Store({ bucket: 'logs', endpoint: `http://127.0.0.1:${port}` }, 20);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    store.close();
    server.closeAllConnections();
    server.close();
  });
  await expect(store.list('team')).rejects.toMatchObject({ name: 'TimeoutError' });
});
