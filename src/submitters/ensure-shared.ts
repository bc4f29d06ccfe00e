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
 * Adds these drivers to the owners of ConfigMaps that several drivers use, and creates missing ones. Kubernetes
 * deletes them after the last of their owners. One of the same name with other content is left alone.
 *
 * @throws KubernetesError Conflict (retryable) if such a one exists
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
      // It was deleted, or another worker was faster: it is read again.
      if (!isKubernetesError(error, KubernetesErrorType.NotFound, KubernetesErrorType.AlreadyExists)) throw error;
    }
  }
}

/** By its content. Another version may write it differently: then its name shows that it is complete. */
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
    message: `ConfigMap ${namespace}/${name} exists and does not hold the configuration that drivers share under this name. Delete it if no driver uses it.`,
    namespace,
    name,
  });
}
