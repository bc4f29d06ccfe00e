import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { API_VERSION } from '../manifest/index.ts';

export interface ResourceEvent {
  /** @default 'SparkApplication' */
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** One word, in UpperCamelCase. */
  readonly reason: string;
  readonly message: string;
}

const MESSAGE_LIMIT = 1024;

/** Creates a warning about a resource. Best effort: a namespace that is being deleted takes none. */
export async function warn(
  kubernetes: KubernetesClient,
  { kind = 'SparkApplication', namespace, name, uid, reason, message }: ResourceEvent,
): Promise<void> {
  const now = new Date().toISOString();
  await kubernetes
    .create(Resources.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: API_VERSION, kind, namespace, name, uid },
      type: 'Warning',
      reason,
      message: message.slice(0, MESSAGE_LIMIT),
      source: { component: 'temporal-spark' },
      reportingComponent: 'temporal-spark',
      reportingInstance: 'operator',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    })
    .catch(() => undefined);
}
