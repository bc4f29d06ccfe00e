import { Context } from '@temporalio/activity';
import {
  isKubernetesError,
  KubernetesErrorType,
  Resources,
  type CustomObject,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import { API_VERSION } from '../../manifest/index.ts';
import { FailureType, type CreateRunInput, type RunReference, type ScheduledRun } from '../../protocol/index.ts';

/** A SparkApplication that does not belong to the schedule has the name of its run. */
export class RunNameInUse extends Error {
  override readonly name = FailureType.ScheduledRunNameInUse;
  readonly type: typeof FailureType.ScheduledRunNameInUse = FailureType.ScheduledRunNameInUse;
  readonly retryable = false;
}

/**
 * Creates the SparkApplication of a scheduled run. Its name is that of the time the run was due, so that a repeated try
 * finds it: one results.
 *
 * @returns undefined where the schedule was deleted
 * @throws RunNameInUse, KubernetesError
 */
export async function createScheduledRun(
  kubernetes: KubernetesClient,
  { manifest, schedule }: CreateRunInput,
): Promise<ScheduledRun | undefined> {
  const { cancellationSignal: signal } = Context.current();
  const { namespace = 'default', name = '' } = manifest.metadata;
  const parent = await kubernetes.get(Resources.scheduledSparkApplications, namespace, schedule.name, { signal });
  if (parent?.metadata?.uid !== schedule.uid || parent.metadata.deletionTimestamp !== undefined) return undefined;
  // As the operator's: neither controller nor blockOwnerDeletion.
  const owner = { apiVersion: API_VERSION, kind: 'ScheduledSparkApplication', ...schedule };
  const { metadata, ...rest } = manifest as unknown as CustomObject;
  try {
    const object = { ...rest, metadata: { ...metadata, namespace, ownerReferences: [owner] } };
    const created = await kubernetes.create(Resources.sparkApplications, object, { signal });
    return { namespace, name, uid: created.metadata!.uid! };
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
    const found = await kubernetes.get(Resources.sparkApplications, namespace, name, { signal });
    // Deleted in between: a user wants no such run.
    if (found === undefined) return undefined;
    if (belongsTo(found, schedule.uid)) return { namespace, name, uid: found.metadata!.uid! };
    throw new RunNameInUse(
      `SparkApplication ${namespace}/${name} exists and does not belong to ScheduledSparkApplication ${namespace}/${schedule.name}; delete or rename it.`,
    );
  }
}

/** Deletes the SparkApplication of a run that is cancelled; its driver goes with it. @throws KubernetesError */
export async function deleteScheduledRun(
  kubernetes: KubernetesClient,
  { namespace, name, scheduleUid }: RunReference,
): Promise<void> {
  const { cancellationSignal: signal } = Context.current();
  const found = await kubernetes.get(Resources.sparkApplications, namespace, name, { signal });
  if (found === undefined || !belongsTo(found, scheduleUid)) return;
  const { uid } = found.metadata!;
  await kubernetes.delete(Resources.sparkApplications, namespace, name, {
    ...{ uid: uid!, propagationPolicy: 'Background' as const, signal },
  });
}

const belongsTo = ({ metadata }: CustomObject, scheduleUid: string): boolean =>
  metadata?.ownerReferences?.some(({ uid }) => uid === scheduleUid) === true;
