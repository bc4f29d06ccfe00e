import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** Ports that this process has given away: who got one may listen in a network namespace where `listen` does not look. */
const given = new Set<number>();

/**
 * Ports of the loopback interface on which nobody listens now, none of which this process has been given before.
 *
 * They lie below the range from which the kernel takes ports for outgoing connections: otherwise, while a component is
 * down, somebody's connection may get its port (even the connection that tries to reach it).
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const servers: Server[] = [];
  try {
    const highest = firstOutgoingPort() - 1;
    for (let tries = 0; ports.length < count; tries++) {
      if (tries > 1000 + count) throw new Error('Found no free port on 127.0.0.1.');
      const port = 10_000 + Math.floor(Math.random() * (highest - 10_000));
      if (given.has(port)) continue;
      given.add(port);
      const server = await listen(port);
      if (server === undefined) continue;
      servers.push(server);
      ports.push(port);
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

function firstOutgoingPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > 12_000 ? first : 32_768;
  } catch {
    return 32_768;
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });
}
