import { removeFinalizer, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { DRIVER_FINALIZER, Label } from '../spark/metadata.ts';
import {
  SubmitterError,
  SubmitterErrorType,
  type CreatedDriver,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../submitters/index.ts';
import { isTypedError } from './failure.ts';

/** How long one that was told to give up may take to do so, in milliseconds. */
const GIVE_UP_WITHIN_MS = 5_000;
const MESSAGE_LIMIT = 2_000;

/** What a submitter made, as the API server has it. */
export interface AskedDriver {
  readonly created: CreatedDriver;
  readonly pod: Pod;
}

/**
 * Has a submitter create the driver, and believes it nothing: neither that it returns, nor what it throws, nor what it
 * says it made.
 *
 * @throws SubmitterError, KubernetesError, SubmissionRefused: of a type, and with a word on whether to try again
 */
export async function askSubmitter(
  kubernetes: KubernetesClient,
  submitter: SparkApplicationSubmitter,
  request: SubmissionRequest,
  signal: AbortSignal,
): Promise<AskedDriver> {
  const created = await answerOf(kubernetes, submitter, request, signal);
  const { submission, identity } = request;
  const violation = (problem: string) =>
    new SubmitterError(
      SubmitterErrorType.SubmitterContractViolation,
      `The submitter "${submitter.name}" did not do what it was asked for: ${problem}.`,
    );
  if (!isCreatedDriver(created)) throw violation('what it returned is not a created driver');
  const pod = await kubernetes.get(Resources.pods, submission.namespace, identity.driverPodName, { signal });
  if (pod?.metadata?.labels?.[Label.SubmissionId] !== identity.submissionId) {
    const elsewhere = await removeStrays(kubernetes, request, signal);
    const made = elsewhere.length === 0 ? 'and made no other' : `but made ${elsewhere.join(', ')}, which was removed`;
    throw violation(
      pod === undefined
        ? `there is no pod ${submission.namespace}/${identity.driverPodName}: it made none, ${made}`
        : `pod ${submission.namespace}/${identity.driverPodName} does not carry the submission ID ${identity.submissionId}`,
    );
  }
  const wrong = differences(pod, created, request);
  if (wrong.length > 0) throw violation(wrong.join('; '));
  return { created, pod };
}

async function answerOf(
  kubernetes: KubernetesClient,
  submitter: SparkApplicationSubmitter,
  request: SubmissionRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = new Promise((resolve) => resolve(submitter.submit(request, { kubernetes, signal })));
  try {
    return await Promise.race([answer, givenUp(submitter.name, signal)]);
  } catch (error) {
    if (isTypedError(error) || (signal.aborted && error === signal.reason)) throw error;
    const text = error instanceof Error ? error.message : `it threw ${describe(error)}`;
    throw new SubmitterError(
      SubmitterErrorType.SubmitterFailed,
      `The submitter "${submitter.name}" failed: ${text.slice(0, MESSAGE_LIMIT)}`,
      error instanceof Error ? error : undefined,
    );
  }
}

/** Rejects when one that was told to give up has not. */
function givenUp(name: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      const error = new SubmitterError(
        SubmitterErrorType.SubmitterTimeout,
        `The submitter "${name}" neither returned in time nor gave up when it was told to.`,
      );
      setTimeout(() => reject(error), GIVE_UP_WITHIN_MS).unref();
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** Anything may be thrown; nothing of it may make things worse. */
function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'something that can not be shown';
  }
}

function isCreatedDriver(value: unknown): value is CreatedDriver {
  if (typeof value !== 'object' || value === null) return false;
  const { driverPodName, driverPodUid, sparkApplicationId, adopted } = value as Partial<CreatedDriver>;
  return (
    [driverPodName, driverPodUid, sparkApplicationId].every((text) => typeof text === 'string') &&
    typeof adopted === 'boolean'
  );
}

function differences({ metadata = {} }: Pod, created: CreatedDriver, { identity }: SubmissionRequest): string[] {
  const wrong: string[] = [];
  const said = [
    ['name', created.driverPodName, identity.driverPodName],
    ['UID', created.driverPodUid, metadata.uid],
    ['Spark application ID', created.sparkApplicationId, identity.sparkApplicationId],
  ] as const;
  for (const [what, told, actual] of said) {
    if (told !== actual)
      wrong.push(`it says that the ${what} is ${JSON.stringify(told)}, not ${JSON.stringify(actual)}`);
  }
  for (const [key, value] of Object.entries(identity.labels)) {
    const actual = metadata.labels?.[key];
    if (actual !== value) wrong.push(`label ${key} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
  for (const [key, value] of Object.entries(identity.annotations)) {
    const actual = metadata.annotations?.[key];
    if (actual !== value) wrong.push(`annotation ${key} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
  // One that is being deleted may have been released already, by housekeeping or by hand.
  for (const finalizer of metadata.deletionTimestamp === undefined ? identity.finalizers : []) {
    if (!metadata.finalizers?.includes(finalizer)) wrong.push(`finalizer ${finalizer} is missing`);
  }
  return wrong;
}

/** Drivers of this submission under other names: nobody would ever look after them. */
async function removeStrays(
  kubernetes: KubernetesClient,
  { submission: { namespace }, identity }: SubmissionRequest,
  signal: AbortSignal,
): Promise<string[]> {
  const labelSelector = `${Label.SubmissionId}=${identity.submissionId},spark-role=driver`;
  const removed: string[] = [];
  for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector, signal })) {
    for (const { metadata } of page) {
      const { name, uid } = metadata as { name: string; uid: string };
      await kubernetes.delete(Resources.pods, namespace, name, { uid, propagationPolicy: 'Foreground', signal });
      await removeFinalizer(kubernetes, { namespace, name, uid, finalizer: DRIVER_FINALIZER }, { signal });
      removed.push(`pod ${namespace}/${name}`);
    }
  }
  return removed;
}
