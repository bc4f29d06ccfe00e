import { PatchType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Node } from '../kubernetes/objects.ts';

export interface ReplicaOptions {
  /** The workers' own Deployment. */
  readonly namespace: string;
  readonly deployment: string;
  /** Label selector of the nodes that the workers run on. */
  readonly nodeSelector: string;
  readonly min: number;
  readonly max: number;
}

/** One replica a node that takes pods, within the bounds. */
export function replicasFor(nodes: readonly Node[], { min, max }: Pick<ReplicaOptions, 'min' | 'max'>): number {
  return Math.min(Math.max(nodes.filter(takesPods).length, min), max);
}

/** Cordoned, not ready or under pressure it does not, and a replica for it would be a second one on another host. */
function takesPods({ spec, status }: Node): boolean {
  const isReady = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  const isRepelling = spec?.taints?.some(
    ({ key, effect }) => key.startsWith('node.kubernetes.io/') && effect !== 'PreferNoSchedule',
  );
  return isReady && spec?.unschedulable !== true && isRepelling !== true;
}

/** How often changes that others made to the Deployment, such as an upgrade, are checked. */
const LOOK_EVERY_MS = 60_000;

/**
 * Keeps the workers' Deployment at one replica a controller node. Every replica does it, and they agree, because they
 * see the same nodes. Returns a function that stops it.
 *
 * @param onProblem gets a failure; it is retried with the next change of a node, or a minute later
 */
export function keepReplicas(
  kubernetes: KubernetesClient,
  options: ReplicaOptions,
  onProblem: (error: unknown) => void,
): () => void {
  const { namespace, deployment, nodeSelector } = options;
  const nodes = kubernetes.watch(Resources.nodes, undefined, nodeSelector);
  let stopped = false;
  let working: Promise<void> | undefined;
  let changed = false;

  const keep = async (): Promise<void> => {
    do {
      changed = false;
      try {
        await nodes.ready;
        const wanted = replicasFor(nodes.list(), options);
        const scale = await kubernetes.get(Resources.deploymentScales, namespace, deployment);
        if (stopped || scale === undefined || scale.spec?.replicas === wanted) continue;
        const patch = { spec: { replicas: wanted } };
        await kubernetes.patch(Resources.deploymentScales, namespace, deployment, PatchType.Merge, patch);
      } catch (error) {
        if (!stopped) onProblem(error);
      }
    } while (changed && !stopped);
    working = undefined;
  };
  const look = (): void => {
    changed = true;
    working ??= keep();
  };
  const unsubscribe = nodes.subscribe(look);
  const timer = setInterval(look, LOOK_EVERY_MS);
  look();
  return () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
    nodes.release();
  };
}
