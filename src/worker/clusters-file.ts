import { dirname, resolve } from 'node:path';
import { Clusters, ClustersConfigurationError, readClusters, type ClustersConfiguration } from '../clusters/index.ts';
import { connectKubernetes, type KubernetesClient, type KubernetesOptions } from '../kubernetes/index.ts';
import { present } from '../validation/present.ts';
import { configurationText, unusable } from './configuration-text.ts';

export interface ConnectedClusters {
  readonly clusters: Clusters;
  /** Disconnects from all of them. */
  readonly close: () => void;
}

/**
 * The clusters that a configuration file names. One that is unreachable now may be reachable later; a kubeconfig that
 * is not usable is an error.
 *
 * @throws ClustersConfigurationError with every problem of the file
 */
export async function connectClusters(file: string): Promise<ConnectedClusters> {
  const configuration = read(file);
  const connected = await Promise.allSettled(
    configuration.clusters.map((cluster) => connectKubernetes(optionsOf(cluster, file))),
  );
  const clients = connected.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const close = () => clients.forEach((client) => client.close());
  const problems = connected.flatMap((result, index) =>
    result.status === 'rejected' ? [unusable(file, ['clusters', index], (result.reason as Error).message)] : [],
  );
  if (problems.length > 0) {
    close();
    throw new ClustersConfigurationError(problems);
  }
  const byName: Record<string, KubernetesClient> = Object.fromEntries(
    configuration.clusters.map(({ name }, index) => [name, clients[index]!]),
  );
  return { clusters: new Clusters(configuration, byName), close };
}

/** A cluster by the name that histories call it, and how it is reached. */
export interface NamedCluster {
  readonly name: string;
  readonly kubernetes: KubernetesOptions;
}

/** The clusters that a configuration file names, in its order. @throws ClustersConfigurationError with every problem */
export function namedClusters(file: string): readonly NamedCluster[] {
  const { clusters } = read(file);
  return clusters.map((cluster) => ({ name: cluster.name, kubernetes: optionsOf(cluster, file) }));
}

function optionsOf(
  { kubeconfig, context, inCluster }: ClustersConfiguration['clusters'][number],
  file: string,
): KubernetesOptions {
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(dirname(file), kubeconfig) }),
    ...present({ context, inCluster }),
  };
}

function read(file: string): ClustersConfiguration {
  return readClusters(
    configurationText(file, (problems) => new ClustersConfigurationError(problems)),
    file,
  );
}
