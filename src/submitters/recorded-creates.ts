import type { KubernetesClient } from '../kubernetes/index.ts';
import type { KubernetesObject } from '../kubernetes/objects.ts';

export interface RecordedCreates {
  readonly client: KubernetesClient;
  /** The objects it was called to create, whatever the API server answered; each once, in its last form. */
  readonly objects: readonly KubernetesObject[];
}

/** A client that records what it is called to create, as any user. */
export function recordingCreates(kubernetes: KubernetesClient): RecordedCreates {
  const objects = new Map<string, KubernetesObject>();
  const wrap = (inner: KubernetesClient): KubernetesClient =>
    Object.create(inner, {
      create: {
        value: (resource: { kind: string }, object: KubernetesObject, ...rest: object[]) => {
          objects.set(`${resource.kind} ${object.metadata?.namespace}/${object.metadata?.name}`, object);
          return inner.create(resource as never, object, ...rest);
        },
      },
      as: { value: (identity: Parameters<KubernetesClient['as']>[0]) => wrap(inner.as(identity)) },
    }) as KubernetesClient;
  return {
    client: wrap(kubernetes),
    get objects() {
      return [...objects.values()];
    },
  };
}
