import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import type { DriverObjects } from '../spark/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../spark/metadata.ts';
import type { CreatedDriver, SubmissionRequest } from './contract.ts';
import { ensureOwned } from './ensure-owned.ts';
import { ensureShared } from './ensure-shared.ts';
import {
  configMapNamesIn,
  namedConfigMaps,
  sharedConfiguration,
  withSharedConfiguration,
} from './shared-configuration.ts';
import { SubmitterError, SubmitterErrorType } from './submitter-error.ts';

/** Creates the pod, or adopts that of a previous try of this submission, and then what belongs to it. */
export async function createDriver(
  kubernetes: KubernetesClient,
  request: SubmissionRequest,
  objects: DriverObjects,
  signal: AbortSignal,
): Promise<CreatedDriver> {
  const { driver, adopted } = await createOrAdopt(kubernetes, objects.pod, request.identity.submissionId, signal);
  if (adopted) await completeAdopted(kubernetes, request, objects, driver, signal);
  else await ensureDependents(kubernetes, driver, objects, signal);
  return createdDriver(request, driver, adopted);
}

export function createdDriver({ identity }: SubmissionRequest, driver: Pod, adopted: boolean): CreatedDriver {
  const { driverPodName, sparkApplicationId } = identity;
  return { driverPodName, driverPodUid: driver.metadata!.uid!, sparkApplicationId, adopted };
}

export async function ensureDependents(
  kubernetes: KubernetesClient,
  driver: Pod,
  { dependents }: DriverObjects,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(dependents.map((object) => ensureOwned(kubernetes, driver, object, signal)));
}

/**
 * Creates what is missing of a driver of a previous try, perhaps by another submitter, including a shared
 * configuration.
 *
 * @param objects of a driver that shares nothing
 */
export async function completeAdopted(
  kubernetes: KubernetesClient,
  request: SubmissionRequest,
  objects: DriverObjects,
  driver: Pod,
  signal: AbortSignal,
): Promise<void> {
  const shared = sharedConfiguration(objects, request);
  const names = shared === undefined ? [] : configMapNamesIn(driver, objects.pod, shared);
  if (shared === undefined || shared.configMaps.every(({ metadata }, index) => metadata!.name === names[index])) {
    return ensureDependents(kubernetes, driver, objects, signal);
  }
  await Promise.all([
    ensureDependents(kubernetes, driver, withSharedConfiguration(objects, shared, names), signal),
    ensureShared(kubernetes, namedConfigMaps(shared, names), [driver], signal),
  ]);
}

/**
 * @throws SubmitterError DriverNameConflict (not retryable) where a pod of another submission has the name
 * @throws KubernetesError
 */
export async function createOrAdopt(
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
      ? 'was not created by temporal-spark'
      : `belongs to submission ${submission} of workflow ${annotations[Annotation.WorkflowId]}, run ${annotations[Annotation.FirstRunId]}`;
  const release = finalizers.includes(DRIVER_FINALIZER)
    ? ` If that run was terminated, remove the pod's finalizer and delete it:  temporal-spark release -n ${namespace}  and  kubectl -n ${namespace} delete pod ${name}`
    : '';
  return (
    `Pod ${namespace}/${name} already exists and ${owner}. ` +
    `Delete it, or give the driver another name with spec.driver.podName.${release}`
  );
}
