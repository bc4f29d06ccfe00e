import { aboutObject, recordEvent, Resources, type CallOptions, type KubernetesClient } from '../kubernetes/index.ts';
import { present } from '../validation/present.ts';

export interface EventAboutPod {
  readonly namespace: string;
  readonly pod: string;
  /** Absent where the pod need not exist. */
  readonly uid?: string;
  readonly type: 'Normal' | 'Warning';
  /** One word, in UpperCamelCase. */
  readonly reason: string;
  readonly message: string;
  /** Which part of a worker reports it. */
  readonly by: string;
}

/** Records an Event about a pod. Where that fails, nothing else does. */
export function recordPodEvent(
  kubernetes: KubernetesClient,
  { namespace, pod, uid, ...report }: EventAboutPod,
  options: CallOptions = {},
): Promise<void> {
  const about = aboutObject(Resources.pods, { namespace, name: pod, ...present({ uid }) });
  return recordEvent(kubernetes, { about, ...report }, options);
}
