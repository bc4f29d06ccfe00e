import { Context } from '@temporalio/activity';
import { removeFinalizer, type KubernetesClient } from '../kubernetes/index.ts';
import { DRIVER_FINALIZER } from '../spark/metadata.ts';
import { withPatience } from './failure.ts';
import { countRemoved } from './metrics.ts';

export interface FinalizeInput {
  readonly namespace: string;
  readonly driverPodName: string;
  readonly driverPodUid: string;
}

/** What happened to the finalizer; all of these mean that nothing of ours holds the pod any more. */
export interface Finalized {
  readonly finalizer: 'removed' | 'absent' | 'gone' | 'foreign';
}

/**
 * Takes the finalizer off the driver pod. Scheduled only after the outcome is in the workflow's history; one conditional
 * patch, so repeating it, or finding the pod gone or replaced, is success.
 */
export async function finalizeSparkApplication(
  kubernetes: KubernetesClient,
  { namespace, driverPodName, driverPodUid }: FinalizeInput,
): Promise<Finalized> {
  return withPatience(async () => {
    const finalizer = await removeFinalizer(
      kubernetes,
      { namespace, name: driverPodName, uid: driverPodUid, finalizer: DRIVER_FINALIZER },
      { signal: Context.current().cancellationSignal },
    );
    if (finalizer === 'removed') countRemoved('workflow');
    return { finalizer };
  });
}
