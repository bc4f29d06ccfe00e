import { readFile } from 'node:fs/promises';
import { connectKubernetes, isKubernetesError, type KubernetesOptions } from '../kubernetes/index.ts';
import { parsePlacement, PlacementConfigurationError, readPlacement, type Placement } from '../placement/index.ts';
import { checkCluster } from './check-cluster.ts';
import { failed, ok, type Finding } from './finding.ts';

export interface ClusterExamination {
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Namespace of applications. @default that of the kubeconfig */
  readonly namespace?: string;
  /** File with the workers' placement configuration. @default none */
  readonly placementFile?: string;
  /** Version of this program. */
  readonly version: string;
}

/** Connects to the cluster and looks it over; what can't be reached or read is a finding, too. */
export async function examineCluster(options: ClusterExamination): Promise<Finding[]> {
  const { kubernetes: how, namespace, placementFile, version } = options;
  const { placement, findings } = await placementOf(placementFile);
  try {
    const kubernetes = await connectKubernetes({ retry: { maxRetries: 1 }, ...how });
    try {
      const where = namespace ?? kubernetes.namespace;
      return [...findings, ...(await checkCluster(kubernetes, { namespace: where, placement, version }))];
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    const remedy = 'check KUBECONFIG and --kube-context, and that the API server runs';
    return [...findings, failed('Kubernetes', error.message, remedy)];
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
    const remedy = isUnreadable ? 'correct it (docs/placement.md)' : 'name a file that is there';
    return { placement: parsePlacement(), findings: [failed(check, (error as Error).message, remedy)] };
  }
}

export { checkTemporal } from './check-temporal.ts';
export { failed, FindingStatus, type Finding } from './finding.ts';
export { APPLICATION_PERMISSIONS, CLUSTER_PERMISSIONS, type Permission } from './permissions.ts';
