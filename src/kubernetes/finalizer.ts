import { PatchType, type CallOptions, type KubernetesClient, type Resource } from './client/kubernetes-client.ts';
import { isKubernetesError, KubernetesErrorType } from './errors/kubernetes-error.ts';
import type { KubernetesObject } from './objects.ts';
import { Resources } from './client/resources.ts';

/** Which object, and which of its finalizers. */
export interface FinalizerTarget {
  /** @default pods */
  readonly resource?: Resource;
  readonly namespace: string;
  readonly name: string;
  /** Of the object that is meant: a namesake is left alone. */
  readonly uid: string;
  readonly finalizer: string;
}

/** In each case the finalizer no longer holds the requested object. */
export const FinalizerRemoval = {
  Removed: 'removed',
  /** The object does not carry it (any more). */
  Absent: 'absent',
  /** No object of that name exists. */
  Gone: 'gone',
  /** An object of that name exists, but with another UID. */
  Foreign: 'foreign',
} as const;
export type FinalizerRemoval = (typeof FinalizerRemoval)[keyof typeof FinalizerRemoval];

/**
 * Removes one finalizer from one object, with one conditional patch; others stay. Repeating it is harmless.
 *
 * @throws KubernetesError of type Invalid where the API server refuses the patch for another reason than those above
 */
export async function removeFinalizer(
  client: KubernetesClient,
  { resource = Resources.pods, namespace, name, uid, finalizer }: FinalizerTarget,
  options: CallOptions = {},
): Promise<FinalizerRemoval> {
  // A JSON patch, since a strategic merge succeeds alike whether there was something to remove or not. Ours comes first
  // on what we made; where something else did, the refused patch leads to a look at the object.
  for (let index = 0; ;) {
    try {
      await client.patch(resource, namespace, name, PatchType.Json, removal(uid, finalizer, index), options);
      return FinalizerRemoval.Removed;
    } catch (error) {
      if (isKubernetesError(error, KubernetesErrorType.NotFound)) return FinalizerRemoval.Gone;
      if (!isKubernetesError(error, KubernetesErrorType.Invalid)) throw error;
      const object = await client.get<KubernetesObject>(resource, namespace, name, options);
      if (object === undefined) return FinalizerRemoval.Gone;
      if (object.metadata?.uid !== uid) return FinalizerRemoval.Foreign;
      const found = object.metadata.finalizers?.indexOf(finalizer) ?? -1;
      if (found === -1) return FinalizerRemoval.Absent;
      if (found === index) throw error;
      index = found;
    }
  }
}

function removal(uid: string, finalizer: string, index: number): unknown {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: `/metadata/finalizers/${index}`, value: finalizer },
    { op: 'remove', path: `/metadata/finalizers/${index}` },
  ];
}
