import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import { asText } from '../../../validation/unknown-data.ts';
import type { LiveName } from './live-name.ts';

/** `connect` takes it where it is not named. */
const DEFAULT_NAMESPACE = 'default';

/**
 * The Spark Connect sessions of a cluster, as `connect` takes them: with their namespaces, unless it knows them.
 *
 * @param namespace the only one; without it all that this account may list, else the one that `connect` takes
 * @throws KubernetesError
 */
export async function sessionNames(
  kubernetes: Pick<KubernetesClient, 'page'>,
  { namespace, limit }: { readonly namespace?: string; readonly limit: number },
): Promise<readonly LiveName[]> {
  const list = (where: string | undefined) =>
    kubernetes.page(Resources.sparkConnects, where, undefined, { limit, retry: { maxRetries: 0 } });
  const { items } = await list(namespace).catch((error: unknown) => {
    if (namespace !== undefined || !isKubernetesError(error, KubernetesErrorType.Forbidden)) throw error;
    return list(DEFAULT_NAMESPACE);
  });
  const known = namespace ?? DEFAULT_NAMESPACE;
  return items.map(({ metadata: { namespace: own = '', name = '' } = {}, status }) => ({
    value: own === known ? name : `${own}/${name}`,
    description: asText(status?.['state']) ?? 'new',
  }));
}
