import type { KubernetesOptions } from '../kubernetes/index.ts';
import { namedClusters, type NamedCluster } from '../worker/clusters-file.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { ClusterFlags } from './flags.ts';

/**
 * The clusters of the workers' clusters file where one is given, else that of the kubeconfig.
 *
 * @throws CliError where the file has no such cluster, ClustersConfigurationError where the file is not valid
 */
export function resolveClusters({ kubeContext, clustersFile, cluster }: ClusterFlags): {
  readonly kubernetes?: KubernetesOptions;
  readonly clusters?: readonly NamedCluster[];
} {
  if (kubeContext !== undefined) return { kubernetes: { context: kubeContext } };
  if (clustersFile === undefined && cluster === undefined) return {};
  if (clustersFile === undefined) {
    const remedy = 'set --clusters-file or TEMPORAL_SPARK_CLUSTERS_FILE';
    throw new CliError(ExitCode.BadInput, `--cluster ${cluster} needs a clusters file: ${remedy}.`);
  }
  const all = namedClusters(clustersFile);
  const clusters = cluster === undefined ? all : all.filter(({ name }) => name === cluster);
  if (clusters.length > 0) return { clusters };
  const known = all.map(({ name }) => name).join(', ');
  throw new CliError(ExitCode.BadInput, `Unknown cluster "${cluster}" in ${clustersFile}; known: ${known}.`);
}
