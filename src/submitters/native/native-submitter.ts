import type { KubernetesClient } from '../../kubernetes/index.ts';
import { isKubernetesError, KubernetesErrorType, Resources } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { buildDriverObjects } from '../../spark/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import type { CreatedDriver, SparkApplicationSubmitter, SubmissionRequest, SubmitterContext } from '../contract.ts';
import { ensureOwned } from '../ensure-owned.ts';
import { SubmitterError, SubmitterErrorType } from '../submitter-error.ts';

/**
 * Submits without a JVM: builds the objects that `spark-submit --deploy-mode cluster` would create and creates them,
 * the driver pod first, then what it owns in parallel.
 */
export class NativeSubmitter implements SparkApplicationSubmitter {
  readonly name = 'native';

  async submit(request: SubmissionRequest, { kubernetes, signal }: SubmitterContext): Promise<CreatedDriver> {
    const { submission, identity } = request;
    const { pod, dependents } = buildDriverObjects(submission, identity);
    const { driver, adopted } = await createOrAdopt(kubernetes, pod, identity.submissionId, signal);
    await Promise.all(dependents.map((object) => ensureOwned(kubernetes, driver, object, signal)));
    return {
      driverPodName: identity.driverPodName,
      driverPodUid: driver.metadata!.uid!,
      sparkApplicationId: identity.sparkApplicationId,
      adopted,
    };
  }
}

async function createOrAdopt(
  kubernetes: KubernetesClient,
  pod: Pod,
  submissionId: string,
  signal: AbortSignal,
): Promise<{ driver: Pod; adopted: boolean }> {
  const namespace = pod.metadata!.namespace!;
  const name = pod.metadata!.name!;
  for (;;) {
    try {
      return { driver: await kubernetes.create(Resources.pods, pod, { signal }), adopted: false };
    } catch (error) {
      if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
    }
    const existing = await kubernetes.get(Resources.pods, namespace, name, { signal });
    if (existing === undefined) continue; // gone in between
    if (existing.metadata?.labels?.[Label.SubmissionId] === submissionId) return { driver: existing, adopted: true };
    throw new SubmitterError(SubmitterErrorType.DriverNameConflict, describeConflict(existing));
  }
}

function describeConflict({ metadata = {} }: Pod): string {
  const { namespace, name, labels = {}, annotations = {}, finalizers = [] } = metadata;
  const submission = labels[Label.SubmissionId];
  const owner =
    submission === undefined
      ? 'was not made by temporal-spark'
      : `belongs to submission ${submission} of workflow ${annotations[Annotation.WorkflowId]}, run ${annotations[Annotation.FirstRunId]}`;
  const release = finalizers.includes(DRIVER_FINALIZER)
    ? ` If that run was terminated:  temporal-spark release --kube-namespace ${namespace}  takes the pod's finalizer off, then  kubectl -n ${namespace} delete pod ${name}`
    : '';
  return (
    `Pod ${namespace}/${name} already exists and ${owner}. ` +
    `Delete it, or give the driver another name with spec.driver.podName.${release}`
  );
}
