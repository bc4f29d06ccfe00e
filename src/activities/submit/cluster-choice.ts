import { Context } from '@temporalio/activity';
import type { Clusters } from '../../clusters/index.ts';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesError } from '../../kubernetes/index.ts';
import type { SparkApplication } from '../../manifest/index.ts';
import type { ClusterUnreachable, SubmitInput } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import type { Timings } from '../../timings/index.ts';

/**
 * @param among which it may be, unless the application names one. Default: all
 * @throws ClusterError UnknownCluster (not retryable), NoClusterReachable (retryable)
 */
export async function chooseCluster(
  clusters: Clusters,
  application: SparkApplication,
  { identity }: SubmitInput,
  timings: Timings,
  among?: readonly string[],
): Promise<string> {
  return (await begunBefore(clusters, application, identity, timings)) ?? (await clusters.choose(application, among));
}

/**
 * The first cluster, where an earlier try of this attempt, by a worker that knew only that one, left a driver on it. A
 * cluster that does not answer is ignored.
 */
async function begunBefore(
  clusters: Clusters,
  { metadata: { namespace } }: SparkApplication,
  { driverPodName, submissionId }: SubmitInput['identity'],
  { clusterLookupTimeoutMs }: Timings,
): Promise<string | undefined> {
  if (Context.current().info.attempt === 1) return undefined;
  try {
    const signal = AbortSignal.timeout(clusterLookupTimeoutMs);
    const pod = await clusters.client().get(Resources.pods, namespace, driverPodName, { signal });
    return pod?.metadata?.labels?.[Label.SubmissionId] === submissionId ? clusters.names[0] : undefined;
  } catch {
    return undefined;
  }
}

const UNREACHABLE: readonly KubernetesErrorType[] = [
  KubernetesErrorType.Unreachable,
  KubernetesErrorType.ConnectionLost,
  KubernetesErrorType.Timeout,
  KubernetesErrorType.CredentialsUnavailable,
  KubernetesErrorType.ServerError,
];

/**
 * Another cluster may be chosen only where nothing can have been created on this one: this is the first try, and it has
 * got no further than its preparations. Any other waits for this cluster without a limit.
 */
export function clusterUnreachable(
  clusters: Clusters | undefined,
  {
    application,
    allowedClusters,
  }: { readonly application: SparkApplication; readonly allowedClusters?: readonly string[] },
  { cluster, isBound = false }: Pick<SubmitInput, 'cluster' | 'isBound'>,
  error: unknown,
  signal: AbortSignal,
): ClusterUnreachable {
  const isFree = cluster !== undefined && !isBound && clusters?.isFree(application, allowedClusters) === true;
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  // A reset of the activity resets its attempt count, but not the time when it was scheduled.
  const isFirst = attempt === 1 && currentAttemptScheduledTimestampMs === scheduledTimestampMs;
  if (!isFree || !isFirst || signal.aborted || !UNREACHABLE.some((type) => isKubernetesError(error, type))) throw error;
  const { message } = error as KubernetesError;
  clusters.failed(cluster, message);
  return { unreachable: cluster, message };
}
