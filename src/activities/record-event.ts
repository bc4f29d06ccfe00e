import { isKubernetesError, Resources, type CallOptions, type KubernetesClient } from '../kubernetes/index.ts';
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

const MESSAGE_LIMIT = 1024;

/**
 * Creates a Kubernetes Event. Where that fails, nothing else does: a namespace that is being deleted takes no events,
 * and a worker may lack the permission to create them.
 */
export async function recordEvent(
  kubernetes: KubernetesClient,
  { namespace, pod, uid, type, reason, message, by }: EventAboutPod,
  options: CallOptions = {},
): Promise<void> {
  const now = new Date().toISOString();
  try {
    await kubernetes.create(
      Resources.events,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { generateName: `${pod.slice(0, 200)}.`, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod, ...present({ uid }) },
        type,
        reason,
        message: message.slice(0, MESSAGE_LIMIT),
        source: { component: 'temporal-spark' },
        reportingComponent: 'temporal-spark',
        reportingInstance: by,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      },
      options,
    );
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
  }
}
