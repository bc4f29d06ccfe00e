import type { KubernetesClient } from './kubernetes-client.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';

/**
 * A client of one cluster. Reads the kubeconfig, and connects with the first call; `version()` checks that the cluster
 * can be reached.
 *
 * @throws KubernetesError of type InvalidConfiguration if no kubeconfig, context or cluster is usable
 */
export async function connectKubernetes(options: KubernetesOptions = {}): Promise<KubernetesClient> {
  // Loaded when it is needed: the official client costs a second and 90 MB.
  const { createClient } = await import('./create-client.ts');
  return createClient(options);
}
