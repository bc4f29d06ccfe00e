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
 * same. A Service or an Ingress that another operator has made for the resource of this driver is kept, too: it selects
 * the drivers of the application by its name.
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
    if (isOwnedBy(existing, driver.metadata!.uid)) return;
    const ofResource = driver.metadata?.ownerReferences?.some(({ uid }) => isOwnedBy(existing, uid)) === true;
    if (ofResource && (owned.kind === 'Service' || owned.kind === 'Ingress')) return;
    throw new KubernetesError({
      type: KubernetesErrorType.Conflict,
      message: `${owned.kind} ${namespace}/${name} exists and does not belong to this driver pod; ${ofResource ? 'another operator made it for this SparkApplication: delete it' : 'if it belongs to a previous driver, it is being deleted'}.`,
      namespace,
      name,
    });
  }
}

const isOwnedBy = (object: KubernetesObject | undefined, owner: string | undefined): boolean =>
  object?.metadata?.ownerReferences?.some(({ uid }) => uid === owner) === true;
