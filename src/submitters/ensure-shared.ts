import { isDeepStrictEqual } from 'node:util';
import {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type KubernetesClient,
} from '../kubernetes/index.ts';
import type { ConfigMap, OwnerReference, Pod } from '../kubernetes/objects.ts';
import { isNamedByContent } from './shared-configuration.ts';

/**
 * Makes ConfigMaps that several drivers use belong to these drivers, too, and creates those that are not there yet.
 * Kubernetes deletes them after the last of their owners. One of the same name and other content is left alone.
 *
 * @throws KubernetesError Conflict (retryable) where there is such a one
 */
export async function ensureShared(
  kubernetes: KubernetesClient,
  configMaps: readonly ConfigMap[],
  drivers: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const ownerReferences = drivers.map(({ metadata }): OwnerReference => {
    const { name, uid } = metadata!;
    return { apiVersion: 'v1', kind: 'Pod', name: name!, uid: uid! };
  });
  await Promise.all(
    configMaps.map((configMap) =>
      ensure(kubernetes, { ...configMap, metadata: { ...configMap.metadata, ownerReferences } }, signal),
    ),
  );
}

async function ensure(kubernetes: KubernetesClient, configMap: ConfigMap, signal: AbortSignal): Promise<void> {
  const { namespace, ownerReferences } = configMap.metadata!;
  const name = configMap.metadata!.name!;
  for (;;) {
    const existing = await kubernetes.get(Resources.configMaps, namespace, name, { signal });
    try {
      if (existing === undefined) {
        await kubernetes.create(Resources.configMaps, configMap, { signal });
      } else {
        if (!isOurs(existing, configMap)) throw otherContent(existing);
        // Owners are merged by their UID.
        const patch = { metadata: { ownerReferences } };
        await kubernetes.patch(Resources.configMaps, namespace, name, PatchType.StrategicMerge, patch, { signal });
      }
      return;
    } catch (error) {
      // It went, or another worker was quicker: it is looked at again.
      if (!isKubernetesError(error, KubernetesErrorType.NotFound, KubernetesErrorType.AlreadyExists)) throw error;
    }
  }
}

/** By what it holds. Another version of this program may write the same otherwise: then its name says that it is whole. */
function isOurs(existing: ConfigMap, { data = {}, binaryData = {} }: ConfigMap): boolean {
  if (existing.immutable !== true) return false;
  return (
    isDeepStrictEqual([existing.data ?? {}, existing.binaryData ?? {}], [data, binaryData]) ||
    isNamedByContent(existing)
  );
}

function otherContent({ metadata }: ConfigMap): KubernetesError {
  const { namespace, name } = metadata!;
  return new KubernetesError({
    type: KubernetesErrorType.Conflict,
    message: `ConfigMap ${namespace}/${name} exists and is not the configuration that drivers were to share under this name. Delete it if nobody needs it.`,
    namespace,
    name,
  });
}
