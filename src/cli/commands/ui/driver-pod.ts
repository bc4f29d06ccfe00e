import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, Resources, type KubernetesClient, type Pod } from '../../../kubernetes/index.ts';
import { waitingReason } from '../../../logs/container.ts';
import { Label } from '../../../spark/metadata.ts';

/** The driver pod of an attempt, as its workflow knows it. */
export interface DriverPodTarget {
  readonly namespace: string;
  readonly podName: string;
  readonly submissionId: string;
}

export type DriverPod =
  | { readonly state: 'running' | 'gone' | 'ended' }
  /** `why` is Kubernetes' own word. */
  | { readonly state: 'pending'; readonly why: string };

/** @throws KubernetesError */
export async function findDriverPod(kubernetes: KubernetesClient, target: DriverPodTarget): Promise<DriverPod> {
  const pod = await kubernetes.get<Pod>(Resources.pods, target.namespace, target.podName);
  if (pod?.metadata?.labels?.[Label.SubmissionId] !== target.submissionId) return { state: 'gone' };
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return { state: 'ended' };
  if (phase === 'Running') return { state: 'running' };
  return { state: 'pending', why: waitingReason(pod) ?? 'Pending' };
}

export interface DriverEndOptions {
  readonly kubernetes: KubernetesClient;
  readonly target: DriverPodTarget;
  readonly signal: AbortSignal;
  /** Reports that the driver cannot be read, once until it can again. */
  readonly onTrouble: (problem: string) => void;
  /** Milliseconds between two reads: a watch would take the right to list all pods of the namespace. @default 2000 */
  readonly intervalMs?: number;
}

/**
 * Waits until a running driver has ended, or its pod is gone.
 *
 * @throws the signal's reason, and KubernetesError where the pod may not be read
 */
export async function driverEnd(options: DriverEndOptions): Promise<'ended' | 'gone'> {
  const { kubernetes, target, signal, onTrouble, intervalMs = 2_000 } = options;
  for (let isTroubled = false; ;) {
    await sleep(intervalMs, undefined, { signal });
    try {
      const { state } = await findDriverPod(kubernetes, target);
      if (state === 'ended' || state === 'gone') return state;
      isTroubled = false;
    } catch (error) {
      if (!isKubernetesError(error) || !error.retryable) throw error;
      if (!isTroubled) onTrouble(error.message);
      isTroubled = true;
    }
  }
}
