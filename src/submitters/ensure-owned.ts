import {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  resourceOf,
  type KubernetesClient,
} from '../kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../kubernetes/objects.ts';
import { ownedBy } from '../spark/index.ts';

/**
 * Creates an object that belongs to a driver; one that a crashed try left is kept, because its content is the
 * same.
 *
 * @throws KubernetesError Conflict (retryable) while a previous driver's object of that name is being deleted
 */
export async function ensureOwned(
  kubernetes: KubernetesClient,
  driver: Pod,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  const owned = ownedBy(driver, object);
  const resource = resourceOf(owned);
  try {
    await kubernetes.create(resource, owned, { signal });
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
    const namespace = owned.metadata!.namespace!;
    const name = owned.metadata!.name!;
    const existing = await kubernetes.get(resource, namespace, name, { signal });
    if (existing?.metadata?.ownerReferences?.some(({ uid }) => uid === driver.metadata!.uid)) return;
    throw new KubernetesError({
      type: KubernetesErrorType.Conflict,
      message: `${owned.kind} ${namespace}/${name} exists and does not belong to this driver pod; if it belongs to a previous driver, it is being deleted.`,
      namespace,
      name,
    });
  }
}
