import { Context } from '@temporalio/activity';
import {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  PatchType,
  removeFinalizer,
  Resources,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { FinalizeInput, Finalized } from '../../protocol/index.ts';
import { Annotation, DRIVER_FINALIZER } from '../../spark/metadata.ts';
import type { Submitters } from '../../submitters/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { withPatience } from '../failure.ts';
import { countRemoved } from '../metrics.ts';
import { isUnconfirmed } from './driver-observation.ts';
import { endJobPods } from './job-pods.ts';
import { withdrawSubmission } from './withdraw-submission.ts';

/** Within which the pod of a deleted Job ends. */
const JOB_GRACE_MS = 10_000;

/**
 * Takes the finalizer off the driver pod. Scheduled only after the outcome is in the workflow's history; one
 * conditional patch, so repeating it, or finding the pod gone or replaced, is success. A driver whose end is not
 * confirmed keeps the finalizer: the next attempt, or housekeeping, removes it once it is. So does one whose submission
 * has a Job that may still create another of its name: until that has ended.
 *
 * @throws KubernetesError Conflict (retryable) while such a Job runs
 */
export async function finalizeSparkApplication(
  kubernetes: KubernetesClient,
  { namespace, driverPodName, driverPodUid, timeToLiveSeconds, unconfirmed = false, submission }: FinalizeInput,
  timings: Timings = DEFAULT_TIMINGS,
  submitters?: Submitters,
): Promise<Finalized> {
  return withPatience(async () => {
    const { cancellationSignal: signal } = Context.current();
    if (submission !== undefined) {
      const lost = { namespace, ...submission };
      if (submitters !== undefined) await withdrawSubmission(kubernetes, submitters, lost, lost);
      if (await endJobPods(kubernetes, lost, signal)) throw jobActs(lost, timings);
    }
    if (timeToLiveSeconds !== undefined) {
      const value = timeToLiveSeconds === null ? null : String(timeToLiveSeconds);
      const metadata = { uid: driverPodUid, annotations: { [Annotation.TimeToLiveSeconds]: value } };
      await kubernetes
        .patch(Resources.pods, namespace, driverPodName, PatchType.Merge, { metadata }, { signal })
        .catch(ignoreAnotherPod);
    }
    if (unconfirmed) {
      const pod = await kubernetes.get(Resources.pods, namespace, driverPodName, { signal });
      if (pod?.metadata?.uid === driverPodUid && isUnconfirmed(pod)) return { finalizer: 'kept' };
    }
    const finalizer = await removeFinalizer(
      kubernetes,
      { namespace, name: driverPodName, uid: driverPodUid, finalizer: DRIVER_FINALIZER },
      { signal },
    );
    if (finalizer === 'removed') countRemoved('workflow');
    return { finalizer };
  }, timings);
}

/** The next try comes when nothing that it has sent can be carried out any more. */
function jobActs(
  { namespace, job: name }: { readonly namespace: string; readonly job: string },
  { lateCreationMs }: Timings,
): KubernetesError {
  return new KubernetesError({
    type: KubernetesErrorType.Conflict,
    message: `Job ${namespace}/${name} of a lost submission was deleted, but its pod has not ended; the driver keeps its finalizer, and so its name, until then.`,
    retryAfterMs: JOB_GRACE_MS + lateCreationMs,
    ...{ namespace, name },
  });
}

/** A pod that is gone has no time to live; a pod of the same name has another UID. */
function ignoreAnotherPod(error: unknown): void {
  const { NotFound, Conflict, Invalid } = KubernetesErrorType;
  if (![NotFound, Conflict, Invalid].some((type) => isKubernetesError(error, type))) throw error;
}
