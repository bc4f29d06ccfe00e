import { setTimeout as sleep } from 'node:timers/promises';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { nodeFacts, type NodeFacts } from '../../placement/index.ts';

export type KnownNodes = { readonly known: readonly NodeFacts[] } | { readonly unknown: string };

/** From the view that all submissions of a worker share. */
export async function knownNodes(
  kubernetes: KubernetesClient,
  { nodeListTimeoutMs }: Pick<Timings, 'nodeListTimeoutMs'> = DEFAULT_TIMINGS,
): Promise<KnownNodes> {
  const nodes = kubernetes.watch(Resources.nodes, undefined, '');
  const inTime = new AbortController();
  try {
    const tooLate = await Promise.race([
      nodes.ready,
      sleep(nodeListTimeoutMs, true, { signal: inTime.signal }).catch(() => undefined),
    ]);
    if (tooLate === true)
      return {
        unknown: "The placement was not checked against the cluster's nodes: they could not be listed in time.",
      };
    return { known: nodes.list().map(nodeFacts) };
  } catch (error) {
    return { unknown: `The placement was not checked against the cluster's nodes: ${(error as Error).message}` };
  } finally {
    inTime.abort();
    nodes.release();
  }
}
