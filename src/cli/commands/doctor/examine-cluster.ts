import { readFile } from 'node:fs/promises';
import { connectKubernetes, isKubernetesError, type KubernetesOptions } from '../../../kubernetes/index.ts';
import {
  parsePlacement,
  PlacementConfigurationError,
  readPlacement,
  type Placement,
} from '../../../placement/index.ts';
import { checkCluster, type ClusterCheck } from './check-cluster.ts';
import { failed, ok, type Finding } from './finding.ts';
import { readProblem } from '../../../validation/read-problem.ts';

export interface ClusterExamination extends Pick<ClusterCheck, 'version' | 'isolated' | 'operator' | 'applications'> {
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Instead of `kubernetes`: several clusters, by the names they have in workflow histories. */
  readonly clusters?: readonly { readonly name: string; readonly kubernetes: KubernetesOptions }[];
  /** Namespace of applications. @default the kubeconfig's namespace */
  readonly namespace?: string;
  /** Placement configuration file of the workers. @default none */
  readonly placementFile?: string;
}

/** Connects to each cluster and checks it. A cluster or file that cannot be read is a finding, too. */
export async function examineCluster(options: ClusterExamination): Promise<Finding[]> {
  const { placement, findings } = await placementOf(options.placementFile);
  if (options.clusters === undefined)
    return [...findings, ...(await examineOne(options.kubernetes, options, placement))];
  const examined = await Promise.all(
    options.clusters.map(async ({ name, kubernetes }, index) => {
      // Resources are served on the first cluster.
      const operator = index === 0 && options.operator === true;
      const found = await examineOne(kubernetes, { ...options, operator }, placement);
      return found.map((finding) => ({ ...finding, check: `${name}: ${finding.check}` }));
    }),
  );
  return [...findings, ...examined.flat()];
}

async function examineOne(
  how: KubernetesOptions | undefined,
  { namespace, clusters, kubernetes: _, placementFile: __, ...examined }: ClusterExamination,
  placement: Placement,
): Promise<Finding[]> {
  try {
    const kubernetes = await connectKubernetes({ retry: { maxRetries: 1 }, ...how });
    try {
      const where = namespace ?? kubernetes.namespace;
      return await checkCluster(kubernetes, { ...examined, namespace: where, placement });
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    const where = clusters === undefined ? 'KUBECONFIG and --kube-context' : 'the clusters file';
    return [failed('Kubernetes', error.message, `check ${where}, and that the API server runs`)];
  }
}

async function placementOf(
  file: string | undefined,
): Promise<{ readonly placement: Placement; readonly findings: Finding[] }> {
  if (file === undefined) return { placement: parsePlacement(), findings: [] };
  const check = `placement file ${file}`;
  try {
    const placement = parsePlacement(readPlacement(await readFile(file, 'utf8'), file));
    return { placement, findings: [ok(check, `preset ${placement.preset}`)] };
  } catch (error) {
    const isUnreadable = error instanceof PlacementConfigurationError;
    const remedy = isUnreadable ? 'fix it (docs/placement.md)' : 'set the path of an existing file';
    return { placement: parsePlacement(), findings: [failed(check, readProblem(error), remedy)] };
  }
}
