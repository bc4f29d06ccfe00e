import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { Label } from '../spark/metadata.ts';
import {
  driverObjects,
  ensureOwned,
  SubmitterError,
  SubmitterErrorType,
  type SubmissionRequest,
} from '../submitters/index.ts';
import { createOrAdopt } from '../submitters/create-driver.ts';
import { ErrorCode, ProtocolError, type SubmitResponse } from './protocol.ts';

/** The driver as the API server has it. */
export type SubmittedDriver = Omit<SubmitResponse, 'submission_id' | 'app_name' | 'message'>;

/**
 * Creates the driver and what it needs, or finds what a previous try of this submission created and completes it. Where
 * the API server rejects a part permanently, the driver is deleted: it would never be completed.
 *
 * @throws ProtocolError where the driver's name is taken
 * @throws SubmissionRefused, KubernetesError
 */
export async function submitDriver(
  kubernetes: KubernetesClient,
  request: SubmissionRequest,
  signal: AbortSignal,
): Promise<SubmittedDriver> {
  const { submission, identity } = request;
  const { pod, dependents } = driverObjects(request);
  const { submissionId, driverPodName: name } = identity;
  const { namespace } = submission;
  let found: { driver: Pod; adopted: boolean };
  try {
    found = await createOrAdopt(kubernetes, pod, submissionId, signal);
  } catch (error) {
    if (!isNameConflict(error)) throw error;
    return duplicateOf(
      submissionId,
      namespace,
      name,
      await kubernetes.get(Resources.pods, namespace, name, { signal }),
    );
  }
  const { driver, adopted } = found;
  if (driver.metadata!.deletionTimestamp !== undefined) throw onItsWay(namespace, name);
  try {
    await Promise.all(dependents.map((object) => ensureOwned(kubernetes, driver, object, signal)));
  } catch (error) {
    // One of a previous try that has started had everything it needs.
    const isUnfinished = !adopted || driver.status?.phase === 'Pending';
    if (isUnfinished && isRefused(error)) {
      const options = { uid: driver.metadata!.uid!, propagationPolicy: 'Foreground' as const, signal };
      await kubernetes.delete(Resources.pods, namespace, name, options);
    }
    throw error;
  }
  return described(driver, adopted);
}

const described = ({ metadata }: Pod, isDuplicate: boolean): SubmittedDriver => ({
  submitted_at: metadata!.creationTimestamp!,
  spark_app_id: metadata!.labels?.['spark-app-selector'] ?? '',
  driver_pod_name: metadata!.name!,
  driver_pod_uid: metadata!.uid!,
  namespace: metadata!.namespace!,
  duplicate_submission: isDuplicate,
});

const isNameConflict = (error: unknown): boolean =>
  error instanceof SubmitterError && error.type === SubmitterErrorType.DriverNameConflict;

/**
 * The driver that has the name, where another of the operator's submitters made it for this very submission.
 *
 * @throws ProtocolError where it is of another one
 */
function duplicateOf(submissionId: string, namespace: string, name: string, pod: Pod | undefined): SubmittedDriver {
  if (pod === undefined) throw onItsWay(namespace, name);
  const other = pod.metadata!.labels?.[Label.OperatorSubmissionId];
  if (other === submissionId) return described(pod, true);
  const whose = other === undefined ? 'was not created by the operator' : `belongs to submission ${other}`;
  throw new ProtocolError(
    409,
    ErrorCode.DriverPodAlreadyExists,
    `Pod ${namespace}/${name} already exists and ${whose}. Delete it, or give the driver another name with spec.driver.podName.`,
  );
}

const onItsWay = (namespace: string, name: string): ProtocolError =>
  new ProtocolError(500, ErrorCode.InternalServerError, `Pod ${namespace}/${name} is being deleted. Try again.`);

/** The API server does not take a part, and the next try would get the same response, at least for a long time. */
const isRefused = (error: unknown): boolean =>
  isKubernetesError(error) &&
  error.verb === 'create' &&
  (!error.retryable || error.type === KubernetesErrorType.QuotaExceeded);
