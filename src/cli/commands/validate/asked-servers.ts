import { connectKubernetes, type KubernetesClient, type KubernetesOptions } from '../../../kubernetes/index.ts';
import { ApplicationAnnotation, type SparkApplication } from '../../../manifest/index.ts';
import type { FoundProblem } from '../../../validation/problem.ts';
import type { ClusterFlags } from '../../flags.ts';
import { resolveClusters } from '../../resolve-clusters.ts';
import { judgeApplication } from './judge-application.ts';

/** How long one request waits for its answer, in milliseconds; it is sent once more. */
const TIMEOUT_MS = 10_000;

/** API servers that are asked about applications. */
export interface AskedServers {
  /** For people. */
  readonly names: string;
  /** Why objects were not judged: what this user may not create. */
  readonly denied: ReadonlySet<string>;
  /**
   * What the server of the application's cluster refuses; of every cluster where it may go to any.
   *
   * @throws KubernetesError where one does not answer
   */
  ask(application: SparkApplication): Promise<readonly FoundProblem[]>;
  close(): void;
}

interface Server {
  /** In the clusters file. */
  readonly name?: string;
  readonly kubernetes: KubernetesClient;
}

/** @throws KubernetesError where one cannot be reached; CliError, ClustersConfigurationError */
export async function connectServers(flags: ClusterFlags): Promise<AskedServers> {
  const { kubernetes, clusters = [{ kubernetes: kubernetes ?? {} }] } = resolveClusters(flags);
  const servers: Server[] = [];
  const close = () => servers.forEach((server) => server.kubernetes.close());
  try {
    for (const cluster of clusters) servers.push({ ...cluster, kubernetes: await connect(cluster.kubernetes) });
  } catch (error) {
    close();
    throw error;
  }
  const names = servers.map((server) => server.name ?? server.kubernetes.cluster).join(', ');
  const denied = new Set<string>();
  return {
    names,
    denied,
    async ask(application) {
      const wanted = application.metadata.annotations[ApplicationAnnotation.Cluster];
      const own = servers.filter(({ name }) => wanted === undefined || name === undefined || name === wanted);
      if (own.length === 0) {
        const message = `is not among the clusters that are asked: ${names}`;
        return [{ path: ['metadata', 'annotations', ApplicationAnnotation.Cluster], code: 'refused', message }];
      }
      const found = own.map((server) => judgeApplication(server.kubernetes, application, (why) => denied.add(why)));
      return (await Promise.all(found)).flat();
    },
    close,
  };
}

async function connect(options: KubernetesOptions): Promise<KubernetesClient> {
  const kubernetes = await connectKubernetes({
    ...{ timeoutMs: TIMEOUT_MS, credentialsTimeoutMs: TIMEOUT_MS, retry: { maxRetries: 1 } },
    ...options,
  });
  try {
    await kubernetes.version();
    return kubernetes;
  } catch (error) {
    kubernetes.close();
    throw error;
  }
}
