import { readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Certificate } from './certificates.ts';

export interface KubeconfigOptions {
  readonly file: string;
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM file of the authority that signed the server's certificate. */
  readonly authorityFile: string;
  readonly client: Certificate;
  /** Name of the context, the cluster and the user. @default "temporal-spark-lab" */
  readonly name?: string;
}

/** Writes a kubeconfig with everything embedded, so that it works from anywhere; returns its path. */
export async function writeKubeconfig(options: KubeconfigOptions): Promise<string> {
  const { file, server, authorityFile, client, name = 'temporal-spark-lab' } = options;
  const [authority, certificate, key] = await Promise.all(
    [authorityFile, client.certFile, client.keyFile].map((path) => readFile(path, 'base64')),
  );
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name, user: { 'client-certificate-data': certificate, 'client-key-data': key } }],
  };
  await writeFile(file, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
  return file;
}
