import { setTimeout as sleep } from 'node:timers/promises';
import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { nodeFacts, type NodeFacts } from '../placement/index.ts';

/** How long a submission waits for the first list of the nodes. */
const NODES_DEADLINE_MS = 5_000;

export type KnownNodes = { readonly known: readonly NodeFacts[] } | { readonly unknown: string };

/** From the view that all submissions of a worker share. */
export async function knownNodes(kubernetes: KubernetesClient): Promise<KnownNodes> {
  const nodes = kubernetes.watch(Resources.nodes, undefined, '');
  const inTime = new AbortController();
  try {
    const tooLate = await Promise.race([
      nodes.ready,
      sleep(NODES_DEADLINE_MS, true, { signal: inTime.signal }).catch(() => undefined),
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
