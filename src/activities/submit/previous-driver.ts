import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../../spark/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import type { Timings } from '../../timings/index.ts';

/** How often to check whether a deleted pod is gone, in milliseconds. */
const GONE_POLL_MS = 250;

/**
 * Deletes the driver of an earlier run of the same application, which is kept for its log, and waits until it is gone.
 * Any other pod of that name is left to the submitter, which rejects it.
 *
 * @throws KubernetesError Conflict (retryable) where it does not go in time
 */
export async function removePreviousDriver(
  kubernetes: KubernetesClient,
  namespace: string,
  identity: SubmissionIdentity,
  signal: AbortSignal,
  { previousDriverTimeoutMs }: Timings,
): Promise<void> {
  for (const begun = Date.now(); ;) {
    const pod = await kubernetes.get(Resources.pods, namespace, identity.driverPodName, { signal });
    if (pod === undefined || pod.metadata?.labels?.[Label.SubmissionId] === identity.submissionId) return;
    if (!isDoneWith(pod, identity)) return;
    if (pod.metadata?.deletionTimestamp === undefined) {
      await kubernetes.delete(Resources.pods, namespace, identity.driverPodName, {
        uid: pod.metadata!.uid!,
        // What it owns goes first: a garbage collector that was down while the name was reused would never see
        // that its owner is gone.
        propagationPolicy: 'Foreground',
        signal,
      });
    }
    if (Date.now() - begun > previousDriverTimeoutMs) throw stillThere(namespace, pod);
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}

function stillThere(namespace: string, { metadata, spec }: Pod): KubernetesError {
  const name = metadata!.name!;
  return new KubernetesError({
    type: KubernetesErrorType.Conflict,
    message: `Pod ${namespace}/${name} of a previous attempt is still terminating; waiting for node ${spec?.nodeName ?? 'unknown'} to confirm (or delete the node).`,
    namespace,
    name,
  });
}

/** A driver of this same workflow that has ended, or is going, and that our finalizer no longer holds. */
function isDoneWith({ metadata = {}, status }: Pod, identity: SubmissionIdentity): boolean {
  const ours = metadata.annotations?.[Annotation.WorkflowId] === identity.annotations[Annotation.WorkflowId];
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const released = !metadata.finalizers?.includes(DRIVER_FINALIZER);
  return ours && released && (ended || metadata.deletionTimestamp !== undefined);
}
