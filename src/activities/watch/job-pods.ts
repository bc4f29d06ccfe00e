import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { DriverReference } from '../../protocol/index.ts';
import { SUBMISSION_JOB } from '../../submitters/index.ts';

/**
 * Deletes the pods of a submission's Job.
 *
 * @returns whether there was one that may act until it has ended, and whose requests may be carried out after that
 */
export async function endJobPods(
  kubernetes: KubernetesClient,
  {
    namespace,
    submissionId,
    lostNodeDeadlineMs = 600_000,
  }: Pick<DriverReference, 'namespace' | 'submissionId' | 'lostNodeDeadlineMs'>,
  signal: AbortSignal,
): Promise<boolean> {
  const labelSelector = `${SUBMISSION_JOB}=${submissionId}`;
  let mayAct = false;
  for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector, signal })) {
    for (const { metadata, status } of page) {
      if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
      // Its node is lost: no kubelet will ever confirm its end.
      const { deletionTimestamp } = metadata!;
      if (deletionTimestamp !== undefined && kubernetes.now() > Date.parse(deletionTimestamp) + lostNodeDeadlineMs)
        continue;
      mayAct = true;
      if (deletionTimestamp !== undefined) continue;
      await kubernetes.delete(Resources.pods, namespace, metadata!.name!, { uid: metadata!.uid!, signal });
    }
  }
  return mayAct;
}
