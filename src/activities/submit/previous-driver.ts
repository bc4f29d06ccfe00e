import { setTimeout as sleep } from 'node:timers/promises';
import {
  KubernetesError,
  KubernetesErrorType,
  removeFinalizer,
  Resources,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../../spark/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import { SubmitterError, SubmitterErrorType, type SubmissionRequest } from '../../submitters/index.ts';
import type { Timings } from '../../timings/index.ts';
import { isHeld, viewDriver } from '../watch/driver-observation.ts';

/** How often to check whether a deleted pod is gone, in milliseconds. */
const GONE_POLL_MS = 250;

/**
 * Deletes the driver of an earlier attempt or run of the same application, which is kept for its log, and waits until it
 * is gone: its sidecars too get their grace period. Until its end is confirmed our finalizer keeps it, also where it is
 * deleted by force: what runs on a node that does not answer must not run next to this attempt. Any other pod of that
 * name is left to the submitter, which rejects it.
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
  const name = identity.driverPodName;
  for (const begun = Date.now(); ;) {
    const pod = await kubernetes.get(Resources.pods, namespace, name, { signal });
    if (pod === undefined || !isPrevious(pod, identity)) return;
    const uid = pod.metadata!.uid!;
    if (pod.metadata?.deletionTimestamp === undefined) {
      // What it owns goes first: a garbage collector that was down while the name was reused would never see
      // that its owner is gone.
      await kubernetes.delete(Resources.pods, namespace, name, { uid, propagationPolicy: 'Foreground', signal });
    }
    if (isHeld(pod) && viewDriver(pod).phase === 'ended')
      await removeFinalizer(kubernetes, { namespace, name, uid, finalizer: DRIVER_FINALIZER }, { signal });
    if (Date.now() - begun > previousDriverTimeoutMs) throw stillThere(namespace, pod);
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}

/**
 * The other pod may be that of an earlier attempt, which a lost submission created late: that is not a conflict, because
 * the next try removes it.
 *
 * @returns what to throw: the error, or a Conflict (retryable)
 */
export async function conflictOrRetry(
  kubernetes: KubernetesClient,
  { submission: { namespace }, identity }: SubmissionRequest,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof SubmitterError) || error.type !== SubmitterErrorType.DriverNameConflict) return error;
  const pod = await kubernetes
    .get(Resources.pods, namespace, identity.driverPodName, { signal })
    .catch(() => undefined);
  if (pod === undefined || !isPrevious(pod, identity)) return error;
  const { name } = pod.metadata!;
  const message = `Pod ${namespace}/${name} of a previous attempt was created late; removing it before the next try.`;
  return new KubernetesError({ type: KubernetesErrorType.Conflict, message, namespace, name });
}

/**
 * Whether the end of a pod with the driver's name is decided, so that this attempt may remove it. An earlier attempt of
 * the same chain of runs is: the workflow has closed it before it began this one. Of other runs of the same workflow,
 * which are closed while this one is open, it is a driver that is being deleted, or that has ended and that our finalizer
 * no longer holds. The same holds for a driver that another operator has made for the same resource, and keeps for its
 * log.
 */
export function isPrevious(pod: Pod, { submissionId, annotations: own, owner }: SubmissionIdentity): boolean {
  const { labels = {}, annotations = {}, deletionTimestamp, ownerReferences } = pod.metadata ?? {};
  if (labels[Label.SubmissionId] === submissionId) return false;
  const isOver = deletionTimestamp !== undefined || (!isHeld(pod) && viewDriver(pod).phase === 'ended');
  if (annotations[Annotation.WorkflowId] === undefined) {
    return isOver && owner !== undefined && ownerReferences?.some(({ uid }) => uid === owner.uid) === true;
  }
  if (annotations[Annotation.WorkflowId] !== own[Annotation.WorkflowId]) return false;
  if (annotations[Annotation.TemporalNamespace] !== own[Annotation.TemporalNamespace]) return false;
  if (annotations[Annotation.FirstRunId] === own[Annotation.FirstRunId]) {
    // Not of a later one: this may be a try that was given up, on a worker that does not know it yet.
    return Number(annotations[Annotation.Attempt]) < Number(own[Annotation.Attempt]);
  }
  // Two Temporal servers can have workflows of the same ID. A driver without the ID of its namespace is of a server
  // that gives none.
  if (annotations[Annotation.TemporalNamespaceId] !== own[Annotation.TemporalNamespaceId]) return false;
  return isOver;
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
