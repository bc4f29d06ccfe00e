import { Resources, type KubernetesClient, type Pod } from '../../../kubernetes/index.ts';
import { waitingReason } from '../../../logs/container.ts';
import { Label } from '../../../spark/metadata.ts';
import { pollPod, type PollPodOptions } from './poll-pod.ts';

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
  return driverIn(await kubernetes.get<Pod>(Resources.pods, target.namespace, target.podName), target);
}

function driverIn(pod: Pod | undefined, { submissionId }: DriverPodTarget): DriverPod {
  if (pod?.metadata?.labels?.[Label.SubmissionId] !== submissionId) return { state: 'gone' };
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return { state: 'ended' };
  if (phase === 'Running') return { state: 'running' };
  return { state: 'pending', why: waitingReason(pod) ?? 'Pending' };
}

export interface DriverEndOptions extends Omit<PollPodOptions, 'namespace' | 'podName'> {
  readonly target: DriverPodTarget;
}

/**
 * Waits until a running driver has ended, or its pod is gone.
 *
 * @throws the signal's reason, and KubernetesError where the pod may not be read
 */
export async function driverEnd({ target, ...options }: DriverEndOptions): Promise<'ended' | 'gone'> {
  const { namespace, podName } = target;
  return pollPod({ ...options, namespace, podName }, (pod) => {
    const { state } = driverIn(pod, target);
    return state === 'ended' || state === 'gone' ? state : undefined;
  });
}
