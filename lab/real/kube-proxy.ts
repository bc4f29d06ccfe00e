import type { LabBase } from '../base.ts';
import { NODE_NAME } from './kubelet.ts';
import { POD_CIDR } from './network.ts';

export interface KubeProxyOptions {
  readonly binary: string;
  readonly kubeconfig: string;
  /** Of the namespaces, as seen from here. */
  readonly address: string;
  readonly commandPrefix: readonly string[];
}

/** Makes the addresses of services lead to pods, and the one of `kubernetes` to the API server. */
export async function startKubeProxy(base: LabBase, options: KubeProxyOptions): Promise<void> {
  const { binary, kubeconfig, address, commandPrefix } = options;
  await base.step('kube-proxy', () =>
    base.supervisor.start({
      name: 'kube-proxy',
      command: binary,
      commandPrefix,
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--hostname-override=${NODE_NAME}`,
        '--proxy-mode=iptables',
        `--cluster-cidr=${POD_CIDR}`,
        `--healthz-bind-address=${address}:10256`,
        // The limits of connection tracking are the machine's.
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0',
        '--conntrack-tcp-timeout-close-wait=0',
      ],
      ready: async (signal) => {
        const health = await fetch(`http://${address}:10256/healthz`, { signal });
        if (!health.ok) throw new Error(await health.text());
      },
    }),
  );
}
