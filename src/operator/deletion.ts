import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { Annotation, Label } from '../spark/metadata.ts';

/** Why the run of a deleted resource is ended. */
export const endReason = 'its SparkApplication was deleted';

/**
 * Whether a resource was deleted with `--cascade=orphan`: the API server has taken the reference to it off its driver,
 * which runs on.
 *
 * @throws KubernetesError
 */
export async function isOrphan(
  kubernetes: KubernetesClient,
  namespace: string,
  name: string,
  uid: string,
): Promise<boolean> {
  const labelSelector = `${Label.AppName}=${name},${Label.SubmissionId},spark-role=driver`;
  for await (const drivers of kubernetes.list(Resources.pods, namespace, { labelSelector })) {
    for (const { metadata } of drivers) {
      const wasOwned = metadata?.annotations?.[Annotation.ResourceUid] === uid;
      const isOwned = metadata?.ownerReferences?.some((owner) => owner.uid === uid) === true;
      if (wasOwned && !isOwned && metadata.deletionTimestamp === undefined) return true;
    }
  }
  return false;
}
