import type { LabBase } from '../base.ts';
import { freePorts } from '../ports.ts';

export interface EtcdOptions {
  readonly binary: string;
  /** Address it listens on, reachable from here. @default "127.0.0.1" */
  readonly address?: string;
  /** @default [] */
  readonly commandPrefix?: readonly string[];
}

export interface Etcd {
  readonly url: string;
}

/** A store for one lab: it keeps its data over a restart, but does not wait for the disk. */
export async function startEtcd(base: LabBase, options: EtcdOptions): Promise<Etcd> {
  const { binary, address = '127.0.0.1', commandPrefix = [] } = options;
  const [clientPort, peerPort] = await freePorts(2);
  const url = `http://${address}:${clientPort}`;
  const peerUrl = `http://${address}:${peerPort}`;
  await base.step('etcd', () =>
    base.supervisor.start({
      name: 'etcd',
      command: binary,
      commandPrefix,
      args: [
        `--data-dir=${base.path('etcd')}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=default=${peerUrl}`,
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
      ready: async (signal) => {
        const response = await fetch(`${url}/health`, { signal });
        if (!response.ok) throw new Error(await response.text());
      },
    }),
  );
  return { url };
}
