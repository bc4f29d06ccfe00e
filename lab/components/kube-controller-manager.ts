import type { LabBase } from '../base.ts';
import type { CertificateAuthority, ServiceAccountKeys } from '../certificates.ts';
import { freePort } from '../ports.ts';
import { checkHealth } from './health.ts';

export interface KubeControllerManagerOptions {
  readonly binary: string;
  readonly kubeconfig: string;
  readonly authority: CertificateAuthority;
  readonly serviceAccountKeys: ServiceAccountKeys;
  /** Address it listens on, reachable from here. @default "127.0.0.1" */
  readonly address?: string;
  /** @default [] */
  readonly extraArgs?: readonly string[];
  /** @default [] */
  readonly commandPrefix?: readonly string[];
}

/** Service accounts, garbage collection, node lifecycle and the rest of Kubernetes' own controllers. */
export async function startKubeControllerManager(base: LabBase, options: KubeControllerManagerOptions): Promise<void> {
  const { binary, kubeconfig, authority, serviceAccountKeys, address = '127.0.0.1' } = options;
  const port = await freePort();
  await base.step('kube-controller-manager', () =>
    base.supervisor.start({
      name: 'kube-controller-manager',
      command: binary,
      commandPrefix: options.commandPrefix ?? [],
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--bind-address=${address}`,
        `--secure-port=${port}`,
        `--service-account-private-key-file=${serviceAccountKeys.privateKeyFile}`,
        `--root-ca-file=${authority.certFile}`,
        '--use-service-account-credentials',
        '--leader-elect=false',
        // Its default limit alone makes the start of its many controllers take 5 s.
        '--kube-api-qps=1000',
        '--kube-api-burst=1000',
        ...(options.extraArgs ?? []),
      ],
      ready: (signal) => checkHealth(`https://${address}:${port}/healthz`, signal),
    }),
  );
}
