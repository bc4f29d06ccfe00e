import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { chartObjects, createObjects, serviceAccountKubeconfig } from './chart.ts';

const NAME = 'temporal-spark';
const KINDS = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

/**
 * Installs the workers' account and roles as the chart has them, and returns a kubeconfig of that account: it has those
 * rights, and no other.
 *
 * @param values of the chart; by default for applications of all namespaces: some tests have several
 */
export async function workerKubeconfig(
  admin: string,
  namespace: string,
  values: object = { applications: { clusterWide: true } },
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-rights-'));
  const rendered = await chartObjects({ namespace, values, directory });
  const roles = rendered.filter(({ kind }) => KINDS.includes(kind ?? ''));
  // Many test files share the cluster.
  const name = `${namespace}-${NAME}`;
  const text = JSON.stringify(roles).replaceAll(`"name":"${NAME}`, `"name":"${name}`);
  await createObjects(admin, JSON.parse(text) as KubernetesObject[]);
  return serviceAccountKubeconfig({ kubeconfig: admin, directory }, namespace, name);
}
