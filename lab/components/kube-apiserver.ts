import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { ApiServer } from '../api-server.ts';
import type { LabBase } from '../base.ts';
import type { CertificateAuthority, ServiceAccountKeys } from '../certificates.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { freePort } from '../ports.ts';

/** Range of cluster IPs, and the first of it: the `kubernetes` service. */
export const SERVICE_CIDR = '10.96.0.0/16';
export const KUBERNETES_SERVICE_IP = '10.96.0.1';

export interface KubeApiserverOptions {
  readonly binary: string;
  readonly etcdUrl: string;
  readonly authority: CertificateAuthority;
  readonly serviceAccountKeys: ServiceAccountKeys;
  /** Address in the kubeconfig, reachable from here. @default "127.0.0.1" */
  readonly address?: string;
  /** Address it listens on. @default `address` */
  readonly bindAddress?: string;
  /** Address of the `kubernetes` service's endpoint, for pods; absent where no pod runs. */
  readonly advertiseAddress?: string;
  /** Further addresses its certificate is valid for. @default [] */
  readonly extraIps?: readonly string[];
  /** @default [] */
  readonly extraArgs?: readonly string[];
  /** @default [] */
  readonly commandPrefix?: readonly string[];
  /** Whether its nodes and pods are made up; a request of `pods/proxy` is then refused. @default false */
  readonly simulated?: boolean;
}

export interface KubeApiserver {
  readonly url: string;
  readonly port: number;
  /** Of a cluster administrator. */
  readonly kubeconfig: string;
  readonly auditLog?: string;
}

/**
 * The addresses of simulated pods are made up: a request to one would leave this machine by its default route, and there
 * something may answer. What is not loopback goes to a proxy that does not exist, so it is refused at once, as by a pod
 * in which nothing listens.
 */
const REFUSES = 'http://127.0.0.1:1';
const LOOPBACK_ONLY = {
  HTTP_PROXY: REFUSES,
  HTTPS_PROXY: REFUSES,
  NO_PROXY: '127.0.0.0/8',
  http_proxy: REFUSES,
  https_proxy: REFUSES,
  no_proxy: '127.0.0.0/8',
};

/** An API server with RBAC and its audit log, where the lab asks for one. */
export async function startKubeApiserver(base: LabBase, options: KubeApiserverOptions): Promise<KubeApiserver> {
  const { binary, authority, serviceAccountKeys, address = '127.0.0.1', advertiseAddress } = options;
  const port = await freePort();
  const url = `https://${address}:${port}`;
  const ips = [address, '127.0.0.1', KUBERNETES_SERVICE_IP, ...(advertiseAddress ? [advertiseAddress] : [])];
  const [serving, admin] = await Promise.all([
    authority.issue({
      name: 'kube-apiserver',
      commonName: 'kube-apiserver',
      hostnames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      ips: [...new Set([...ips, ...(options.extraIps ?? [])])],
    }),
    authority.issue({ name: 'admin', commonName: 'temporal-spark-lab-admin', organization: 'system:masters' }),
  ]);
  const kubeconfig = await writeKubeconfig({
    file: base.path('kubeconfig.yaml'),
    server: url,
    authorityFile: authority.certFile,
    client: admin,
  });
  const audit = base.options.audit === true ? await auditOptions(base) : undefined;
  const api = await ApiServer.connect(kubeconfig);
  await base.step('kube-apiserver', () =>
    base.supervisor.start({
      name: 'kube-apiserver',
      command: binary,
      commandPrefix: options.commandPrefix ?? [],
      ...(options.simulated === true && { env: LOOPBACK_ONLY }),
      args: [
        `--etcd-servers=${options.etcdUrl}`,
        `--secure-port=${port}`,
        `--bind-address=${options.bindAddress ?? address}`,
        // Without pods nothing uses the `kubernetes` service, and a loopback address is not a valid endpoint.
        ...(advertiseAddress === undefined
          ? ['--endpoint-reconciler-type=none']
          : [`--advertise-address=${advertiseAddress}`]),
        `--tls-cert-file=${serving.certFile}`,
        `--tls-private-key-file=${serving.keyFile}`,
        `--client-ca-file=${authority.certFile}`,
        `--service-account-key-file=${serviceAccountKeys.publicKeyFile}`,
        `--service-account-signing-key-file=${serviceAccountKeys.privateKeyFile}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-cluster-ip-range=${SERVICE_CIDR}`,
        '--authorization-mode=Node,RBAC',
        '--allow-privileged=true',
        ...(audit?.args ?? []),
        ...(options.extraArgs ?? []),
      ],
      ready: (signal) => api.text('GET', '/readyz', undefined, signal),
    }),
  );
  return { url, port, kubeconfig, ...(audit === undefined ? {} : { auditLog: audit.log }) };
}

async function auditOptions(base: LabBase): Promise<{ log: string; args: string[] }> {
  const log = base.path('logs', 'audit.jsonl');
  const policy = base.path('audit-policy.yaml');
  await writeFile(
    policy,
    stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Request' }],
    }),
  );
  // By default it begins another file at 100 MB, and who reads this one would miss what came before.
  const size = '--audit-log-maxsize=1000000';
  return { log, args: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, size] };
}
