import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../lab/ports.ts';

test('ports are different, can be listened on, and are none that the kernel gives to connections', async () => {
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

test('gives no port twice, for not all who get one listen where it looks', async () => {
  const ports: number[] = [];
  for (let call = 0; call < 100; call += 1) ports.push(...(await freePorts(20)));
  expect(new Set(ports).size).toBe(ports.length);
});
