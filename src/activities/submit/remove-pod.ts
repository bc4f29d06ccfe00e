import { setTimeout as sleep } from 'node:timers/promises';
import { removeFinalizer, Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { DRIVER_FINALIZER } from '../../spark/metadata.ts';

/** One pod, and no namesake that came later. */
export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** How often to look whether a pod is gone, in milliseconds. */
const GONE_POLL_MS = 250;

/** Deletes a pod that a submitter made and should not have, and takes our finalizer off, for no workflow knows of it. */
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
