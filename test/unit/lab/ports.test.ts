import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../../lab/ports.ts';

test('returns different free ports below the range for outgoing connections', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    expect((server.address() as AddressInfo).port).toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(port).toBeLessThan(32_768);
  }
});

test('returns no port twice', async () => {
  const ports: number[] = [];
  for (let call = 0; call < 100; call += 1) ports.push(...(await freePorts(20)));
  expect(new Set(ports).size).toBe(ports.length);
});
