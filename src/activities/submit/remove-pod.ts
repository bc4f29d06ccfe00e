import { setTimeout as sleep } from 'node:timers/promises';
import { removeFinalizer, Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { DRIVER_FINALIZER } from '../../spark/metadata.ts';

/** One pod, and not a later one of the same name. */
export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** How often to check whether a pod is deleted, in milliseconds. */
const GONE_POLL_MS = 250;

/** Deletes a pod that a submitter should not have created, and removes our finalizer, because no workflow would. */
export async function removePod(kubernetes: KubernetesClient, pod: PodReference, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod;
  await kubernetes.delete(Resources.pods, namespace, name, { uid, propagationPolicy: 'Foreground', signal });
  await removeFinalizer(kubernetes, { ...pod, finalizer: DRIVER_FINALIZER }, { signal });
}

/** The same; its name is free then. */
export async function removePodForGood(
  kubernetes: KubernetesClient,
  pod: PodReference,
  signal: AbortSignal,
): Promise<void> {
  await removePod(kubernetes, pod, signal);
  while ((await kubernetes.get(Resources.pods, pod.namespace, pod.name, { signal }))?.metadata?.uid === pod.uid) {
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}
