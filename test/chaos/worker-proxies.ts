import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createCertificateAuthority } from '../../lab/certificates.ts';
import type { Lab } from '../../lab/contract.ts';
import { Http2Proxy, type Call, type Side } from './http2-proxy.ts';
import { kubernetesStep, temporalStep, type Step } from './step.ts';

/** What lies between one worker and the servers; the worker knows no other addresses. */
export interface WorkerProxies {
  readonly kubernetes: Http2Proxy;
  readonly temporal: Http2Proxy;
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  close(): void;
}

export type StepGate = (step: Step, side: Side, call: Call) => Promise<'pass' | 'lost'> | undefined;

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export async function startProxies(lab: Lab, name: string, gate: StepGate): Promise<WorkerProxies> {
  const directory = join(lab.directory, `proxy-${name}`);
  await mkdir(directory, { recursive: true });
  const authority = await createCertificateAuthority(directory);
  const serving = await authority.issue({
    name: 'proxy',
    commonName: 'proxy',
    hostnames: ['localhost'],
    ips: ['127.0.0.1'],
  });
  const config = parse(await readFile(lab.kubeconfig, 'utf8')) as Kubeconfig;
  const { cluster } = config.clusters[0]!;
  const { user } = config.users[0]!;
  const decode = (base64: string) => Buffer.from(base64, 'base64');
  const through =
    (stepOf: (call: Call) => Step | undefined) =>
    (call: Call, side: Side): Promise<'pass' | 'lost'> | undefined => {
      const step = stepOf(call);
      return step && gate(step, side, call);
    };
  const kubernetes = await Http2Proxy.listen({
    server: cluster.server,
    upstream: {
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    },
    certificate: { cert: await readFile(serving.certFile), key: await readFile(serving.keyFile) },
    gate: through(kubernetesStep),
  });
  const temporal = await Http2Proxy.listen({ server: `http://${lab.temporal!.address}`, gate: through(temporalStep) });
  cluster.server = `https://127.0.0.1:${kubernetes.port}`;
  cluster['certificate-authority-data'] = await readFile(authority.certFile, 'base64');
  const kubeconfig = join(directory, 'kubeconfig.yaml');
  await writeFile(kubeconfig, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
  return {
    kubernetes,
    temporal,
    kubeconfig,
    temporalAddress: `127.0.0.1:${temporal.port}`,
    close() {
      kubernetes.close();
      temporal.close();
    },
  };
}
