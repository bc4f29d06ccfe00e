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
 */
export async function workerKubeconfig(admin: string, namespace: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-rights-'));
  // Some tests go to namespaces of their own.
  const values = { applications: { clusterWide: true }, operator: { enabled: true } };
  const rendered = await chartObjects({ namespace, values, directory });
  const roles = rendered.filter(({ kind }) => KINDS.includes(kind ?? ''));
  // Many test files share the cluster.
  const name = `${namespace}-${NAME}`;
  const text = JSON.stringify(roles).replaceAll(`"name":"${NAME}`, `"name":"${name}`);
  await createObjects(admin, JSON.parse(text) as KubernetesObject[]);
  return serviceAccountKubeconfig({ kubeconfig: admin, directory }, namespace, name);
}
