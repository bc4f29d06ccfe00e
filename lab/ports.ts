import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import getPort from 'get-port';

const LOWEST = 10_000;

/**
 * Ports on which no process listens now. This process gets each of them once: the component that gets one may listen in a
 * separate network namespace, where a port in use is not seen from here.
 *
 * They are below the range from which the kernel takes ports for outgoing connections. Otherwise, while a component is
 * down, a connection may get its port, even the connection that tries to reach it.
 */
export async function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

export async function freePort(): Promise<number> {
  return getPort({ port: candidates(), reserve: true });
}

/** At random: test processes that look for ports at the same time must not all find the same one first. */
function* candidates(): Generator<number> {
  const end = firstOutgoingPort();
  for (let tries = 0; tries < 1000; tries++) yield randomInt(LOWEST, end);
  // After the last candidate get-port would take a port for outgoing connections.
  throw new Error(`cannot find a free port between ${LOWEST} and ${end}`);
}

function firstOutgoingPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > 12_000 ? first : 32_768;
  } catch {
    return 32_768;
  }
}
