import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { LabBase, LabCluster } from './base.ts';

interface Kubeconfig {
  'current-context'?: string;
  contexts?: { name: string; context: { cluster: string; user?: string } }[];
  clusters?: { name: string; cluster: Record<string, unknown> & { server: string } }[];
  users?: { name: string; user: Record<string, unknown> & { exec?: { command: string } } }[];
}

/** A cluster of the user: nothing is started or changed there; the lab's kubeconfig has the context as current. */
export async function useExisting(base: LabBase): Promise<LabCluster> {
  return base.step('existing cluster', async () => {
    const { file, config } = await findKubeconfig(base.options.kubeconfig, base.options.context);
    const context = base.options.context ?? config['current-context'];
    const chosen = config.contexts?.find(({ name }) => name === context);
    if (chosen === undefined) {
      const names = config.contexts?.map(({ name }) => name).join(', ');
      throw new Error(`${file} has no context "${context ?? ''}". It has: ${names ?? 'none'}.`);
    }
    const cluster = config.clusters?.find(({ name }) => name === chosen.context.cluster);
    if (cluster === undefined) throw new Error(`${file} has no cluster "${chosen.context.cluster}".`);
    await reach(cluster.cluster.server, base.signal);
    const kubeconfig = base.path('kubeconfig.yaml');
    const absolute = withAbsolutePaths({ ...config, 'current-context': chosen.name }, dirname(file));
    await writeFile(kubeconfig, stringify(absolute, { lineWidth: 0 }), { mode: 0o600 });
    return { kubeconfig };
  });
}

/** The first of the files in `KUBECONFIG` that has the context; files are not merged. */
async function findKubeconfig(given: string | undefined, context: string | undefined) {
  const listed = given ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
  const files = listed.split(delimiter).filter((file) => file !== '');
  const configs = await Promise.all(
    files.map(async (file) => {
      const config = parse(await readFile(file, 'utf8')) as Kubeconfig | null;
      return { file: resolve(file), config: config ?? {} };
    }),
  );
  const wanted = context ?? configs.find(({ config }) => config['current-context'])?.config['current-context'];
  const found = configs.find(({ config }) => config.contexts?.some(({ name }) => name === wanted)) ?? configs[0];
  if (found === undefined) throw new Error('KUBECONFIG names no file.');
  return found;
}

/** Paths in a kubeconfig count from its own folder; the copy lies elsewhere. */
function withAbsolutePaths(config: Kubeconfig, directory: string): Kubeconfig {
  const absolute = <T extends Record<string, unknown>>(object: T, keys: readonly string[]): T => ({
    ...object,
    ...Object.fromEntries(
      Object.entries(object)
        .filter(([key, value]) => keys.includes(key) && typeof value === 'string' && !isAbsolute(value))
        .map(([key, value]) => [key, join(directory, value as string)]),
    ),
  });
  return {
    ...config,
    clusters: (config.clusters ?? []).map(({ name, cluster }) => ({
      name,
      cluster: absolute(cluster, ['certificate-authority']),
    })),
    users: (config.users ?? []).map(({ name, user }) => {
      const { exec, ...rest } = absolute(user, ['client-certificate', 'client-key', 'tokenFile']);
      // A bare name is looked up on the PATH.
      const command = exec?.command.includes('/') === true ? absolute(exec, ['command']) : exec;
      return { name, user: { ...rest, ...(command === undefined ? {} : { exec: command }) } };
    }),
  };
}

async function reach(server: string, signal: AbortSignal): Promise<void> {
  const { hostname, port, protocol } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  await new Promise<void>((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    });
    socket.once('connect', () => resolve(void socket.end()));
    socket.once('error', (error) =>
      reject(new Error(`Cannot reach the cluster at ${server}: ${error.message}`, { cause: error })),
    );
  });
}
