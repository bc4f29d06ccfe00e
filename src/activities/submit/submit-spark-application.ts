import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Clusters } from '../../clusters/index.ts';
import {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplication } from '../../manifest/index.ts';
import {
  attemptSubmission,
  buildCompanionObjects,
  ingressUrl,
  translating,
  type CompanionOptions,
  type SparkSubmission,
  type SubmissionIdentity,
} from '../../spark/index.ts';
import type { Placement } from '../../placement/index.ts';
import type {
  AdmissionNeeded,
  ClusterUnreachable,
  SubmitAnswer,
  SubmitInput,
  PlacementSummary,
} from '../../protocol/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import {
  ensureOwned,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
  type Submitters,
} from '../../submitters/index.ts';
import type { Timings } from '../../timings/index.ts';
import { admissionNeeded } from './pool-queue.ts';
import { askSubmitter } from './run-submitter.ts';
import { chooseSubmitter, withCanaryTrial, type Choice } from './canary-trial.ts';
import { withFailures } from '../failure.ts';
import { countAdded } from '../metrics.ts';
import { namespaceId } from '../namespace-id.ts';
import { placeAttempt } from './place-attempt.ts';
import { shadowed } from './shadow.ts';
import { underSignal } from './submission-signal.ts';
import { present } from '../../validation/present.ts';

/** How often to check whether a deleted pod is gone. */
const GONE_POLL_MS = 250;

/** What a submission needs of its worker. */
export interface SubmissionContext {
  /** Of the cluster with that name; of the only one without. */
  readonly cluster: (name?: string) => Promise<KubernetesClient>;
  /** @default there is but one */
  readonly clusters?: Clusters;
  readonly submitters: Submitters;
  readonly placement: Placement;
  readonly companions: CompanionOptions;
  readonly timings: Timings;
}

/**
 * Submits one attempt: validates the manifest, has the submitter create the driver, or adopt the one of a previous try,
 * and verifies it. Safe to repeat after a crash at any point. Where there are several clusters, or the driver's pool is
 * limited, and the input shows no choice of a cluster or no admission, it returns what is needed and creates nothing.
 */
export async function submitSparkApplication(context: SubmissionContext, given: SubmitInput): Promise<SubmitAnswer> {
  const submit = async (signal: AbortSignal): Promise<SubmitAnswer> => {
    const input = { ...given, identity: await identified(given.identity) };
    const { submitters, clusters, companions, timings } = context;
    const { identity, cluster } = input;
    const application = translating(() => parseSparkApplication(input.manifest));
    const chosen = submitters.choose(application);
    const asked = attemptSubmission(application, identity, companions);
    if (clusters !== undefined && cluster === undefined) {
      return {
        cluster: (await begunBefore(clusters, asked, identity, timings)) ?? (await clusters.choose(application)),
      };
    }
    const kubernetes = await context.cluster(cluster);
    const prepared = await prepare(context, kubernetes, { application, asked, chosen }, input, signal).catch(
      (error: unknown) => unreachable(context, application, input, error, signal),
    );
    if (!('request' in prepared)) return prepared;
    const { request, decision, choice } = prepared;
    const { submitter } = choice;
    // All other objects are known before the driver is created.
    const objects = buildCompanionObjects(application, request.submission, identity, companions);
    const sparkUi =
      companions.uiIngressUrl && translating(() => ingressUrl(companions.uiIngressUrl!, application, identity));
    using shadow = shadowed(submitters.shadowOf(application, submitter), kubernetes, request);
    const { created, pod } = await withCanaryTrial(choice, request, kubernetes, signal, (within) =>
      askSubmitter(shadow.kubernetes, submitter, request, within, timings),
    );
    if (!created.adopted) countAdded();
    if (objects.length > 0) {
      const rights = (await submitter.rightsFor?.(request, { kubernetes, signal })) ?? kubernetes;
      await Promise.all(objects.map((object) => ensureOwned(rights, pod, object, signal)));
    }
    const { driverPodName, driverPodUid, sparkApplicationId } = created;
    const compared = await shadow.report();
    return {
      ...{ driverPodName, driverPodUid, sparkApplicationId },
      ...{ submitter: submitter.name, placement: decision },
      ...present({ sparkUi, shadow: compared }),
    };
  };
  return withFailures(() => underSignal(submit), context.timings);
}

/** With the ID of Temporal's namespace, for housekeeping. Best effort: no submission fails for it. */
async function identified(identity: SubmissionIdentity): Promise<SubmissionIdentity> {
  try {
    const id = await namespaceId(Context.current().client);
    if (id === undefined) return identity;
    return { ...identity, annotations: { ...identity.annotations, [Annotation.TemporalNamespaceId]: id } };
  } catch (error) {
    Context.current().log.info('Cannot read the ID of the Temporal namespace; the driver is created without it', {
      error,
    });
    return identity;
  }
}

interface AskedAttempt {
  readonly application: SparkApplication;
  readonly asked: SparkSubmission;
  readonly chosen: SparkApplicationSubmitter;
}

interface PreparedAttempt {
  readonly choice: Choice;
  readonly request: SubmissionRequest;
  readonly decision: PlacementSummary;
}

/**
 * All steps before the first object of this attempt is created. It reads from the cluster, so an unreachable one is
 * noticed.
 */
async function prepare(
  { submitters, placement, timings }: SubmissionContext,
  kubernetes: KubernetesClient,
  { application, asked, chosen }: AskedAttempt,
  { identity, admitted = false, cluster }: SubmitInput,
  signal: AbortSignal,
): Promise<PreparedAttempt | AdmissionNeeded> {
  const placed = await placeAttempt(kubernetes, placement, application, asked, identity, timings);
  const { submission, decision } = placed;
  const request = deepFreeze({ submission, identity });
  const choice = chooseSubmitter(submitters, application, chosen, request);
  const needed = admitted ? undefined : await admissionNeeded(kubernetes, placement, placed, cluster);
  if (needed !== undefined) return needed;
  await clearTheWay(kubernetes, submission.namespace, identity, signal, timings);
  return { request, decision, choice };
}

/**
 * The first cluster, where an earlier try of this attempt, by a worker that knew only that one, left a driver on it. A
 * cluster that does not answer is ignored.
 */
async function begunBefore(
  clusters: Clusters,
  { namespace }: SparkSubmission,
  { driverPodName, submissionId }: SubmissionIdentity,
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
function unreachable(
  { clusters }: SubmissionContext,
  application: SparkApplication,
  { cluster, isBound = false }: SubmitInput,
  error: unknown,
  signal: AbortSignal,
): ClusterUnreachable {
  const isFree = cluster !== undefined && !isBound && clusters?.isFree(application) === true;
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  // A reset of the activity resets its attempt count, but not the time when it was scheduled.
  const isFirst = attempt === 1 && currentAttemptScheduledTimestampMs === scheduledTimestampMs;
  if (!isFree || !isFirst || signal.aborted || !UNREACHABLE.some((type) => isKubernetesError(error, type))) throw error;
  const { message } = error as KubernetesError;
  clusters.failed(cluster, message);
  return { unreachable: cluster, message };
}

/**
 * Deletes the driver of an earlier run of the same application, which is kept for its log, and waits until it is gone.
 * Any other pod of that name is left to the submitter, which rejects it.
 */
async function clearTheWay(
  kubernetes: KubernetesClient,
  namespace: string,
  identity: SubmissionIdentity,
  signal: AbortSignal,
  { previousDriverTimeoutMs }: Timings,
): Promise<void> {
  for (const begun = Date.now(); ;) {
    const pod = await kubernetes.get(Resources.pods, namespace, identity.driverPodName, { signal });
    if (pod === undefined || pod.metadata?.labels?.[Label.SubmissionId] === identity.submissionId) return;
    if (!isDoneWith(pod, identity)) return;
    if (pod.metadata?.deletionTimestamp === undefined) {
      await kubernetes.delete(Resources.pods, namespace, identity.driverPodName, {
        uid: pod.metadata!.uid!,
        // What it owns goes first: a garbage collector that was down while the name was reused would never see
        // that its owner is gone.
        propagationPolicy: 'Foreground',
        signal,
      });
    }
    if (Date.now() - begun > previousDriverTimeoutMs) throw stillThere(namespace, pod);
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}

function stillThere(namespace: string, { metadata, spec }: Pod): KubernetesError {
  const name = metadata!.name!;
  return new KubernetesError({
    type: KubernetesErrorType.Conflict,
    message: `Pod ${namespace}/${name} of a previous attempt is still terminating; waiting for node ${spec?.nodeName ?? 'unknown'} to confirm (or delete the node).`,
    namespace,
    name,
  });
}

/** A driver of this same workflow that has ended, or is going, and that our finalizer no longer holds. */
function isDoneWith({ metadata = {}, status }: Pod, identity: SubmissionIdentity): boolean {
  const ours = metadata.annotations?.[Annotation.WorkflowId] === identity.annotations[Annotation.WorkflowId];
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const released = !metadata.finalizers?.includes(DRIVER_FINALIZER);
  return ours && released && (ended || metadata.deletionTimestamp !== undefined);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
