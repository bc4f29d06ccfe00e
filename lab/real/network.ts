import { networkInterfaces } from 'node:os';
import type { LabBase } from '../base.ts';
import { runCommand } from '../command.ts';
import type { Namespaces } from './namespaces.ts';

/** The network of the pods: a bridge in the lab's own namespace, so that every lab has the same. */
export const BRIDGE = 'pods';
export const BRIDGE_ADDRESS = '10.244.0.1';
// A bridge without a configured one takes the lowest of its ports', which changes as pods come and go: pods that know
// the previous one then reach neither DNS nor the API server until they resolve it again, which takes most of a minute.
const BRIDGE_MAC_ADDRESS = '0a:58:0a:f4:00:01';
export const POD_CIDR = '10.244.0.0/16';

/** Connects the namespaces with the machine; returns their address, which no other lab has. */
export async function connectNetwork(base: LabBase, namespaces: Namespaces): Promise<string> {
  return base.step('network', async () => {
    const { outside, inside } = freeSubnet();
    const link = `lab-${base.id}`;
    const run = (...command: [string, ...string[]]): Promise<string> => {
      const [file, ...args] = command;
      return runCommand(file, args, { signal: base.signal });
    };
    const runInside = (...command: string[]): Promise<string> =>
      run(...(namespaces.commandPrefix as [string]), ...command);
    base.record.add({ kind: 'network-interface', name: link });
    await run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(namespaces.pid));
    await run('ip', 'addr', 'add', `${outside}/30`, 'dev', link);
    await run('ip', 'link', 'set', link, 'up');
    await runInside(
      'sh',
      '-euc',
      [
        'ip link set lo up',
        `ip addr add ${inside}/30 dev eth0`,
        'ip link set eth0 up',
        `ip link add ${BRIDGE} address ${BRIDGE_MAC_ADDRESS} type bridge`,
        `ip addr add ${BRIDGE_ADDRESS}/16 dev ${BRIDGE}`,
        `ip link set ${BRIDGE} up`,
        'echo 1 > /proc/sys/net/ipv4/ip_forward',
      ].join('\n'),
    );
    return inside;
  });
}

/** Two addresses of 10.245.0.0/16 in a separate subnet, which no interface of the machine is in. */
function freeSubnet(): { outside: string; inside: string } {
  const taken = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address),
  );
  for (;;) {
    const block = Math.floor(Math.random() * 2 ** 14) * 4;
    const address = (offset: number): string => `10.245.${block >> 8}.${(block & 255) + offset}`;
    const [outside, inside] = [address(1), address(2)];
    if (!taken.has(outside)) return { outside, inside };
  }
}
