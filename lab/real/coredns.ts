import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import type { LabBase } from '../base.ts';
import { KUBERNETES_SERVICE_IP } from '../components/kube-apiserver.ts';
import { BRIDGE_ADDRESS } from './network.ts';

export interface CorednsOptions {
  readonly binary: string;
  readonly kubeconfig: string;
  /** Of the namespaces, as seen from here. */
  readonly address: string;
  readonly commandPrefix: readonly string[];
}

/** The names of the cluster's services and of nothing else. A new service is found within a second. */
export async function startCoredns(base: LabBase, options: CorednsOptions): Promise<void> {
  const { binary, kubeconfig, address, commandPrefix } = options;
  const config = base.path('Corefile');
  await writeFile(
    config,
    `. {
  bind ${BRIDGE_ADDRESS} ${address}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
    ttl 1
  }
  cache 1
}
`,
  );
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  await base.step('coredns', () =>
    base.supervisor.start({
      name: 'coredns',
      command: binary,
      commandPrefix,
      args: ['-conf', config],
      ready: async () => {
        const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
        if (!found.includes(KUBERNETES_SERVICE_IP)) throw new Error(`"kubernetes" is ${found.join(', ')}`);
      },
    }),
  );
}
