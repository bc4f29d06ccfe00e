import { namedClusters, type NamedCluster } from '../worker/clusters-file.ts';
import type { KubernetesOptions } from '../kubernetes/index.ts';
import { CliError, ExitCode } from './exit-code.ts';

/** Which clusters a command asks. */
export interface ClusterOptions {
  /** Of the kubeconfig: this cluster alone, whatever the file of clusters says. */
  readonly kubeContext?: string;
  /** The workers' file of clusters: those that are in it. */
  readonly clustersFile?: string;
  /** Of that file: this one alone. */
  readonly cluster?: string;
}

/**
 * Those of the workers' file of clusters where there is one, else that of the kubeconfig.
 *
 * @throws CliError where the file has no such cluster, ClustersConfigurationError where it can't be used
 */
export function clustersAsked({ kubeContext, clustersFile, cluster }: ClusterOptions): {
  readonly kubernetes?: KubernetesOptions;
  readonly clusters?: readonly NamedCluster[];
} {
  if (kubeContext !== undefined) return { kubernetes: { context: kubeContext } };
  if (clustersFile === undefined && cluster === undefined) return {};
  if (clustersFile === undefined) {
    const remedy = 'name the file of clusters with --clusters-file or TEMPORAL_SPARK_CLUSTERS_FILE';
    throw new CliError(ExitCode.BadInput, `Nothing says where the cluster "${cluster}" is: ${remedy}.`);
  }
  const all = namedClusters(clustersFile);
  const clusters = cluster === undefined ? all : all.filter(({ name }) => name === cluster);
  if (clusters.length > 0) return { clusters };
  const known = all.map(({ name }) => name).join(', ');
  throw new CliError(ExitCode.BadInput, `There is no cluster "${cluster}" in ${clustersFile}. Known: ${known}.`);
}
