import { Context } from '@temporalio/activity';
import { isKubernetesError, type KubernetesClient } from '../../kubernetes/index.ts';
import type { DriverReference, UnsettledSubmission } from '../../protocol/index.ts';
import type { Submitters } from '../../submitters/index.ts';

/**
 * Has every submitter end what an unsettled submission may have left running, because the one that was lost is not
 * known. Best effort: the workflow of an application whose service account has lost its rights must end, too.
 *
 * @throws KubernetesError that passes by itself
 */
export async function withdrawSubmission(
  kubernetes: KubernetesClient,
  submitters: Submitters,
  { namespace, submissionId }: Pick<DriverReference, 'namespace' | 'submissionId'>,
  { job, serviceAccount }: Pick<UnsettledSubmission, 'job' | 'serviceAccount'>,
): Promise<void> {
  if (job === undefined || serviceAccount === undefined) return;
  const { cancellationSignal: signal, log } = Context.current();
  const lost = { namespace, submissionId, serviceAccount, job };
  for (const name of submitters.names) {
    try {
      await submitters.named(name)?.withdraw?.(lost, { kubernetes, signal });
    } catch (error) {
      if (signal.aborted || (isKubernetesError(error) && error.retryable)) throw error;
      log.warn('Cannot withdraw the submission of a lost worker; its driver is waited for', {
        ...{ submitter: name, ...lost, error },
      });
    }
  }
}
