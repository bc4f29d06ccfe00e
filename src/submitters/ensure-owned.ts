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
 * Creates an object that belongs to a driver; one that a crashed try left is taken as it is, for its content is the
 * same.
 *
 * @throws KubernetesError Conflict (retryable) while an earlier driver's object of that name is on its way out
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
      message: `${owned.kind} ${namespace}/${name} exists and does not belong to this driver pod; if it is an earlier one's, it is on its way out.`,
      namespace,
      name,
    });
  }
}
