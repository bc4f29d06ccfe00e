import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from './kubernetes/index.ts';
import {
  checkPoolsAgainst,
  nodeFacts,
  parsePlacement,
  poolsToCheck,
  type NodeFacts,
  type PlacementConfiguration,
} from './placement/index.ts';

/**
 * Checks a worker's placement configuration against its cluster, where it names pools that have to be there. A worker
 * that may not list nodes goes unchecked; what it submits says so.
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
