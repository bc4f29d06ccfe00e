import { Resources, type KubernetesClient, type Pod } from '../kubernetes/index.ts';
import { ApplicationState } from '../protocol/index.ts';
import { Label } from '../spark/metadata.ts';
import { present } from '../validation/present.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';
import type { Reported } from './compare-status.ts';
import type { SparkApplicationResource } from './resource.ts';

const DRIVER_CONTAINER = 'spark-kubernetes-driver';

/**
 * How the attempt ended that a status shows, and whose workflow Temporal has no record of: by its driver pod, or FAILED
 * where that is gone. Nothing is run again: the pod may be gone because it completed.
 *
 * @returns undefined while the driver runs: it may be the run of another Temporal server
 * @throws KubernetesError
 */
export async function readLostRun(
  kubernetes: KubernetesClient,
  { namespace, name, object }: SparkApplicationResource,
): Promise<Reported | undefined> {
  const { submissionID, sparkApplicationId, driverInfo, lastSubmissionAttemptTime } = asRecord(object.status);
  const submissionId = asText(submissionID) ?? '';
  const driverPodName = asText(asRecord(driverInfo)['podName']) ?? `${name}-driver`;
  const pod = await kubernetes.get(Resources.pods, namespace, driverPodName);
  const isOwn = pod?.metadata?.labels?.[Label.SubmissionId] === submissionId;
  const ending = isOwn ? endingOf(pod) : gone(driverPodName);
  if (ending === undefined) return undefined;
  const { succeeded, ...how } = ending;
  const submittedAt = asText(lastSubmissionAttemptTime);
  return {
    state: succeeded ? ApplicationState.Completed : ApplicationState.Failed,
    ...{ submissionId, driverPodName, sparkApplicationId: asText(sparkApplicationId) ?? '' },
    ...present({ submittedAt }),
    ...how,
    ...(succeeded ? {} : { message: `${how.message ?? how.reason}; Temporal has no record of its workflow` }),
  };
}

interface Ending {
  readonly succeeded: boolean;
  readonly finishedAt: string;
  readonly reason: string;
  readonly exitCode?: number;
  readonly message?: string;
}

function endingOf({ spec, status }: Pod): Ending | undefined {
  const names = spec?.containers.map(({ name }) => name) ?? [];
  const name = names.includes(DRIVER_CONTAINER) ? DRIVER_CONTAINER : names.at(-1);
  const terminated = status?.containerStatuses?.find((container) => container.name === name)?.state?.terminated;
  if (terminated === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return undefined;
  const succeeded = terminated === undefined ? status?.phase === 'Succeeded' : terminated.exitCode === 0;
  return {
    succeeded,
    finishedAt: terminated?.finishedAt ?? new Date().toISOString(),
    reason: (succeeded ? undefined : status?.reason) ?? terminated?.reason ?? 'Error',
    ...present({ exitCode: terminated?.exitCode, message: terminated?.message ?? status?.message }),
  };
}

const gone = (driverPodName: string): Ending => ({
  ...{ succeeded: false, finishedAt: new Date().toISOString(), reason: 'DriverVanished' },
  message: `pod ${driverPodName} does not exist`,
});
