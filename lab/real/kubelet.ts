import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Node } from '../../src/kubernetes/objects.ts';
import { ApiServer } from '../api-server.ts';
import type { LabBase } from '../base.ts';
import type { CertificateAuthority } from '../certificates.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { BRIDGE_ADDRESS } from './network.ts';

export const NODE_NAME = 'lab-node';

export interface KubeletOptions {
  readonly binary: string;
  readonly server: string;
  readonly adminKubeconfig: string;
  readonly authority: CertificateAuthority;
  readonly containerdSocket: string;
  readonly cgroupRoot: string;
  /** Of the namespaces, as seen from here. */
  readonly address: string;
  readonly commandPrefix: readonly string[];
}

export async function startKubelet(base: LabBase, options: KubeletOptions): Promise<void> {
  const { binary, server, authority, address, commandPrefix } = options;
  const certificate = await authority.issue({
    name: 'kubelet',
    commonName: `system:node:${NODE_NAME}`,
    organization: 'system:nodes',
    hostnames: [NODE_NAME],
    ips: [BRIDGE_ADDRESS],
  });
  const kubeconfig = await writeKubeconfig({
    file: base.path('kubelet.kubeconfig.yaml'),
    server,
    authorityFile: authority.certFile,
    client: certificate,
  });
  const config = base.path('kubelet.config.yaml');
  await writeFile(
    config,
    stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: BRIDGE_ADDRESS,
      healthzBindAddress: address,
      tlsCertFile: certificate.certFile,
      tlsPrivateKeyFile: certificate.keyFile,
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: false },
        x509: { clientCAFile: authority.certFile },
      },
      authorization: { mode: 'AlwaysAllow' },
      containerRuntimeEndpoint: `unix://${options.containerdSocket}`,
      cgroupDriver: 'cgroupfs',
      cgroupRoot: options.cgroupRoot,
      failCgroupV1: false,
      failSwapOn: false,
      clusterDNS: [BRIDGE_ADDRESS],
      clusterDomain: 'cluster.local',
      // Pods look up names of the cluster only.
      resolvConf: '',
      // The disk is the machine's, and so is the decision what to remove from it.
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      imageGCHighThresholdPercent: 100,
      volumePluginDir: base.path('kubelet', 'volume-plugins'),
      podLogsDir: base.path('logs', 'pods'),
    }),
  );
  const api = await ApiServer.connect(options.adminKubeconfig);
  await base.step('kubelet', () =>
    base.supervisor.start({
      name: 'kubelet',
      command: binary,
      commandPrefix,
      args: [
        `--config=${config}`,
        `--kubeconfig=${kubeconfig}`,
        `--hostname-override=${NODE_NAME}`,
        `--node-ip=${BRIDGE_ADDRESS}`,
      ],
      ready: async (signal) => {
        const health = await fetch(`http://${address}:10248/healthz`, { signal });
        if (!health.ok) throw new Error(await health.text());
        checkNode(await api.get<Node>(`/api/v1/nodes/${NODE_NAME}`, signal));
      },
    }),
  );
}

function checkNode({ spec, status }: Node): void {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') throw new Error(`the node is not ready: ${ready?.message ?? 'no status yet'}`);
  const taint = spec?.taints?.find(({ key }) => key.startsWith('node.kubernetes.io/'));
  if (taint !== undefined) throw new Error(`the node has the taint ${taint.key}`);
}
