import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, Resources, type KubernetesClient, type Pod } from '../../../kubernetes/index.ts';

export interface PollPodOptions {
  readonly kubernetes: KubernetesClient;
  readonly namespace: string;
  readonly podName: string;
  readonly signal: AbortSignal;
  /** Reports that the pod cannot be read, once until it can again. */
  readonly onTrouble: (problem: string) => void;
  /** Milliseconds between two reads: a watch would take the right to list all pods of the namespace. @default 2000 */
  readonly intervalMs?: number;
}

/**
 * Reads a pod again and again until that decides something; undefined stands for a pod that is gone.
 *
 * @throws the signal's reason, what `decide` throws, and KubernetesError where the pod may not be read
 */
export async function pollPod<T>(
  options: PollPodOptions,
  decide: (pod: Pod | undefined) => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const { kubernetes, namespace, podName, signal, onTrouble, intervalMs = 2_000 } = options;
  for (let isTroubled = false; ;) {
    await sleep(intervalMs, undefined, { signal });
    try {
      const decided = await decide(await kubernetes.get<Pod>(Resources.pods, namespace, podName, { signal }));
      if (decided !== undefined) return decided;
      isTroubled = false;
    } catch (error) {
      if (!isKubernetesError(error) || !error.retryable) throw error;
      if (!isTroubled) onTrouble(error.message);
      isTroubled = true;
    }
  }
}
