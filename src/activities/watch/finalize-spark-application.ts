import { Context } from '@temporalio/activity';
import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  removeFinalizer,
  Resources,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { FinalizeInput, Finalized } from '../../protocol/index.ts';
import { Annotation, DRIVER_FINALIZER } from '../../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { withPatience } from '../failure.ts';
import { countRemoved } from '../metrics.ts';
import { isUnconfirmed } from './driver-observation.ts';

/**
 * Takes the finalizer off the driver pod. Scheduled only after the outcome is in the workflow's history; one
 * conditional patch, so repeating it, or finding the pod gone or replaced, is success. A driver whose end is not
 * confirmed keeps the finalizer: the next attempt, or housekeeping, removes it once it is.
 */
export async function finalizeSparkApplication(
  kubernetes: KubernetesClient,
  { namespace, driverPodName, driverPodUid, timeToLiveSeconds, unconfirmed = false }: FinalizeInput,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<Finalized> {
  return withPatience(async () => {
    const { cancellationSignal: signal } = Context.current();
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

/** A pod that is gone has no time to live; a pod of the same name has another UID. */
function ignoreAnotherPod(error: unknown): void {
  const { NotFound, Conflict, Invalid } = KubernetesErrorType;
  if (![NotFound, Conflict, Invalid].some((type) => isKubernetesError(error, type))) throw error;
}
