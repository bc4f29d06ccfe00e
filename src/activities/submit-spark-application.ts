import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../manifest/index.ts';
import {
  attemptSubmission,
  buildCompanionObjects,
  type CompanionOptions,
  type SubmissionIdentity,
} from '../spark/index.ts';
import type { Placement, PlacementDecision } from '../placement/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../spark/metadata.ts';
import { ensureOwned, type Submitters } from '../submitters/index.ts';
import { askSubmitter } from './ask-submitter.ts';
import { checkCapabilities } from './check-capabilities.ts';
import { withFailures } from './failure.ts';
import { countAdded } from './metrics.ts';
import { placeAttempt } from './place-attempt.ts';
import { underSignal } from './submission-signal.ts';

/** How often to look whether a deleted pod is gone, and for how long in one try. */
const GONE_POLL_MS = 250;
const GONE_WITHIN_MS = 20_000;

export interface SubmitInput {
  readonly manifest: SparkApplicationManifest;
  readonly identity: SubmissionIdentity;
}

/** The driver that was created or adopted. */
export interface SubmittedDriver {
  readonly driverPodName: string;
  readonly driverPodUid: string;
  readonly sparkApplicationId: string;
  /** Who submitted it; absent in histories of before there was a choice. */
  readonly submitter?: string;
  /** Where its pods may run, and why; absent in histories of before it was known. */
  readonly placement?: PlacementDecision;
}

/** What a submission needs of its worker. */
export interface SubmissionContext {
  readonly kubernetes: KubernetesClient;
  readonly submitters: Submitters;
  readonly placement: Placement;
  readonly companions: CompanionOptions;
}

/**
 * Submits one attempt: validates the manifest, asks the submitter to create the driver, or to adopt the one an earlier
 * try created, and checks that it is what was asked for. Safe to repeat after a crash at any point.
 */
export async function submitSparkApplication(
  { kubernetes, submitters, placement, companions }: SubmissionContext,
  { manifest, identity }: SubmitInput,
): Promise<SubmittedDriver> {
  const submit = async (signal: AbortSignal): Promise<SubmittedDriver> => {
    const application = parseSparkApplication(manifest);
    const submitter = submitters.choose(application);
    const asked = attemptSubmission(application, identity, companions);
    const { submission, decision } = await placeAttempt(kubernetes, placement, application, asked, identity);
    const request = deepFreeze({ submission, identity });
    checkCapabilities(submitter, request, submitters);
    await clearTheWay(kubernetes, submission.namespace, identity, signal);
    const { created, pod } = await askSubmitter(kubernetes, submitter, request, signal);
    if (!created.adopted) countAdded();
    const objects = buildCompanionObjects(application, submission, identity, companions);
    await Promise.all(objects.map((object) => ensureOwned(kubernetes, pod, object, signal)));
    const { driverPodName, driverPodUid, sparkApplicationId } = created;
    return { driverPodName, driverPodUid, sparkApplicationId, submitter: submitter.name, placement: decision };
  };
  return withFailures(() => underSignal(submit));
}

/**
 * Deletes the driver of an earlier run of the same application, which is kept for its log, and waits until it is gone.
 * Whatever else has the name is left to the submitter, who refuses it.
 */
async function clearTheWay(
  kubernetes: KubernetesClient,
  namespace: string,
  identity: SubmissionIdentity,
  signal: AbortSignal,
): Promise<void> {
  for (const begun = Date.now(); ;) {
    const pod = await kubernetes.get(Resources.pods, namespace, identity.driverPodName, { signal });
    if (pod === undefined || pod.metadata?.labels?.[Label.SubmissionId] === identity.submissionId) return;
    if (!isDoneWith(pod, identity)) return;
    if (pod.metadata?.deletionTimestamp === undefined) {
      await kubernetes.delete(Resources.pods, namespace, identity.driverPodName, {
        uid: pod.metadata!.uid!,
        // What it owns goes first: a garbage collector that was away while the name changed hands would never see
        // that its owner is gone.
        propagationPolicy: 'Foreground',
        signal,
      });
    }
    if (Date.now() - begun > GONE_WITHIN_MS) throw stillThere(namespace, pod);
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}

function stillThere(namespace: string, { metadata, spec }: Pod): KubernetesError {
  const name = metadata!.name!;
  return new KubernetesError({
    type: KubernetesErrorType.Conflict,
    message: `Pod ${namespace}/${name} of an earlier attempt is deleted, but not gone: node ${spec?.nodeName ?? 'unknown'} has to confirm its end, or to be removed.`,
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
