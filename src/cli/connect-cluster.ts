import type { KubernetesClient, KubernetesOptions } from '../kubernetes/index.ts';
import type { ClusterFlags } from './flags.ts';
import { resolveClusters } from './resolve-clusters.ts';

/**
 * A client of the cluster that an attempt is on.
 *
 * @param cluster its name in the clusters file, where there are several
 * @param options such as how often a call is tried again
 */
export async function connectCluster(
  flags: ClusterFlags,
  cluster: string | undefined,
  options: KubernetesOptions = {},
): Promise<KubernetesClient> {
  const { connectKubernetes } = await import('../kubernetes/index.ts');
  const isNamed = flags.clustersFile !== undefined && flags.cluster === undefined && cluster !== undefined;
  const { kubernetes, clusters } = resolveClusters(isNamed ? { ...flags, cluster } : flags);
  return connectKubernetes({ ...(kubernetes ?? clusters?.[0]?.kubernetes), ...options });
}
