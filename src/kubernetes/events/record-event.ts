import { createHash } from 'node:crypto';
import { present } from '../../validation/present.ts';
import { PatchType, type CallOptions, type KubernetesClient, type Resource } from '../client/kubernetes-client.ts';
import { Resources } from '../client/resources.ts';
import { isKubernetesError, KubernetesErrorType } from '../errors/kubernetes-error.ts';

export interface ObjectEvent {
  readonly about: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    /** Absent where the object need not exist. */
    readonly uid?: string;
  };
  readonly type: 'Normal' | 'Warning';
  /** One word, in UpperCamelCase. */
  readonly reason: string;
  readonly message: string;
  /** Which part of us reports it. */
  readonly by: string;
  /** Several report it, and it counts once. @default each report counts */
  readonly once?: boolean;
}

/** The object of a kind that an Event is about. */
export const aboutObject = (
  { apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>,
  { namespace, name, uid }: Omit<ObjectEvent['about'], 'apiVersion' | 'kind'>,
): ObjectEvent['about'] => ({ apiVersion, kind, namespace, name, ...present({ uid }) });

const MESSAGE_LIMIT = 1024;

/**
 * Creates a Kubernetes Event, or counts it where the same was reported within the last hour, by whichever process. Where
 * that fails, nothing else does: a namespace that is being deleted takes no Events, and rights may be missing.
 */
export async function recordEvent(
  kubernetes: KubernetesClient,
  { about, type, reason, message: full, by, once = false }: ObjectEvent,
  options: CallOptions = {},
): Promise<void> {
  const { namespace } = about;
  const now = new Date().toISOString();
  const message = full.slice(0, MESSAGE_LIMIT).toWellFormed();
  const digest = createHash('sha256')
    .update(JSON.stringify([about, type, reason, message]))
    .digest('hex')
    .slice(0, 16);
  const name = `${about.name.slice(0, 200).replace(/(?<![^a-z0-9])[^a-z0-9]+$/, '')}.${digest}`;
  try {
    await kubernetes.create(
      Resources.events,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: about,
        ...{ type, reason, message },
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
    if (error.type === KubernetesErrorType.AlreadyExists && !once)
      await countAgain(kubernetes, namespace, name, options);
  }
}

async function countAgain(
  kubernetes: KubernetesClient,
  namespace: string,
  name: string,
  options: CallOptions,
): Promise<void> {
  try {
    const fieldSelector = `metadata.name=${name}`;
    for await (const [event] of kubernetes.list(Resources.events, namespace, { ...options, fieldSelector })) {
      if (event === undefined) return;
      const change = { count: (event.count ?? 1) + 1, lastTimestamp: new Date().toISOString() };
      await kubernetes.patch(Resources.events, namespace, name, PatchType.Merge, change, options);
    }
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
  }
}
