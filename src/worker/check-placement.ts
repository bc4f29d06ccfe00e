import type { Clusters } from '../clusters/index.ts';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import {
  checkPoolsAgainst,
  nodeFacts,
  parsePlacement,
  poolsToCheck,
  type NodeFacts,
  type PlacementConfiguration,
} from '../placement/index.ts';

/** How long a cluster may take to show that it can be reached, in milliseconds. */
const REACHABLE_WITHIN_MS = 3_000;

/**
 * The same for several clusters, as far as they can be reached now.
 *
 * @throws PlacementConfigurationError for a pool that matches no node of one of them
 */
export async function checkPlacementOf(clusters: Clusters, written: PlacementConfiguration | undefined): Promise<void> {
  await Promise.all(
    clusters.names.map(async (name) => {
      const kubernetes = clusters.client(name);
      try {
        await kubernetes.version({ signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
      } catch {
        return;
      }
      await checkPlacement(kubernetes, written);
    }),
  );
}

/**
 * Checks a worker's placement configuration against its cluster, where it names pools that must exist. A worker
 * that may not list nodes goes unchecked; its submissions report that.
 *
 * @throws PlacementConfigurationError for a pool that matches no node
 */
export async function checkPlacement(
  kubernetes: KubernetesClient,
  written: PlacementConfiguration | undefined,
): Promise<void> {
  const placement = parsePlacement(written);
  if (poolsToCheck(placement).length === 0) return;
  const nodes: NodeFacts[] = [];
  try {
    for await (const page of kubernetes.list(Resources.nodes, undefined)) nodes.push(...page.map(nodeFacts));
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.Forbidden)) return;
    throw error;
  }
  checkPoolsAgainst(placement, nodes);
}
