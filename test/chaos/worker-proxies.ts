import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createCertificateAuthority } from '../../lab/certificates.ts';
import type { Lab } from '../../lab/contract.ts';
import { Http2Proxy, type Call, type GivenAnswer, type Side, type Verdict } from './http2-proxy.ts';
import type { Clocks } from './setting.ts';
import { shiftTimes } from './shifted-times.ts';
import { kubernetesStep, temporalStep, type Step } from './step.ts';

/** What lies between one worker and the servers; the worker knows no other addresses. */
export interface WorkerProxies {
  readonly kubernetes: Http2Proxy;
  readonly temporal: Http2Proxy;
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  close(): void;
}

export interface WorkerProxyOptions {
  /** Differs between the proxies of a lab. */
  readonly name: string;
  /** Of the worker's service account, at the API server itself. */
  readonly kubeconfig: string;
  readonly gate: (step: Step, side: Side, call?: Call) => Promise<Verdict> | undefined;
  /** Answers in the place of the API server. */
  readonly answer?: (call: Call) => GivenAnswer | undefined;
  /** @default right */
  readonly clocks?: Clocks | undefined;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
}

export async function startProxies(lab: Lab, options: WorkerProxyOptions): Promise<WorkerProxies> {
  const { name, gate, answer, clocks } = options;
  const directory = join(lab.directory, `proxy-${name}`);
  await mkdir(directory, { recursive: true });
  const authority = await createCertificateAuthority(directory);
  const serving = await authority.issue({
    name: 'proxy',
    commonName: 'proxy',
    hostnames: ['localhost'],
    ips: ['127.0.0.1'],
  });
  const config = parse(await readFile(options.kubeconfig, 'utf8')) as Kubeconfig;
  const { cluster } = config.clusters[0]!;
  const through =
    (stepOf: (call: Call) => Step | undefined) =>
    (call: Call, side: Side): Promise<Verdict> | undefined => {
      const step = stepOf(call);
      return step && gate(step, side, call);
    };
  // The worker's token passes through: it has the rights of its account, and the proxy has none.
  const kubernetes = await Http2Proxy.listen({
    server: cluster.server,
    upstream: { ca: Buffer.from(cluster['certificate-authority-data'], 'base64') },
    certificate: { cert: await readFile(serving.certFile), key: await readFile(serving.keyFile) },
    gate: through(kubernetesStep),
    ...(answer === undefined ? {} : { answer }),
    ...(clocks === undefined ? {} : { rewrite: (headers) => shiftTimes(clocks, headers) }),
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
