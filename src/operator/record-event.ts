import { recordEvent, type KubernetesClient, type ObjectEvent } from '../kubernetes/index.ts';
import { API_VERSION } from '../manifest/index.ts';

export interface ResourceEvent extends Pick<ObjectEvent, 'reason' | 'message'> {
  /** @default 'SparkApplication' */
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Records a warning about a resource; replicas that report the same make one. */
export function warn(
  kubernetes: KubernetesClient,
  { kind = 'SparkApplication', namespace, name, uid, ...report }: ResourceEvent,
): Promise<void> {
  const about = { apiVersion: API_VERSION, kind, namespace, name, uid };
  return recordEvent(kubernetes, { about, type: 'Warning', ...report, by: 'operator', once: true });
}

/** The Event of a resource that is new. */
export function added({ namespace, name, uid }: Omit<ResourceEvent, 'reason' | 'message'>): ObjectEvent {
  return {
    about: { apiVersion: API_VERSION, kind: 'SparkApplication', namespace, name, uid },
    ...{ type: 'Normal', reason: 'SparkApplicationAdded', by: 'operator', once: true },
    message: `SparkApplication ${name} was added, enqueuing it for submission`,
  };
}
