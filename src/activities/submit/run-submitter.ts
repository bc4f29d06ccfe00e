import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { Annotation, Label } from '../../spark/metadata.ts';
import { isBuiltIn } from '../../submitters/built-in.ts';
import {
  SubmitterError,
  SubmitterErrorType,
  type CreatedDriver,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../../submitters/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { isTypedError } from '../failure.ts';
import { removePod, removePodForGood, type PodReference } from './remove-pod.ts';

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
  timings: Timings = DEFAULT_TIMINGS,
): Promise<AskedDriver> {
  const { submission, identity } = request;
  const driver = () => kubernetes.get(Resources.pods, submission.namespace, identity.driverPodName, { signal });
  const before = isBuiltIn(submitter) ? undefined : await driver();
  const created = await answerOf(kubernetes, submitter, request, signal, timings).catch(async (error: unknown) => {
    // What it threw is what matters, and the next try looks again.
    if (!isBuiltIn(submitter)) await removeStrays(kubernetes, request, signal).catch(() => undefined);
    throw error;
  });
  const violation = (problem: string) =>
    new SubmitterError(
      SubmitterErrorType.SubmitterContractViolation,
      `The submitter "${submitter.name}" did not do what it was asked for: ${problem}.`,
    );
  // Ours pass the conformance suite; a list for each submission is too much where there are thousands.
  const pod = await driver();
  const isThere = pod?.metadata?.labels?.[Label.SubmissionId] === identity.submissionId;
  const strays = isThere && isBuiltIn(submitter) ? [] : await removeStrays(kubernetes, request, signal);
  const removed = `${strays.join(', ')}, which was removed`;
  if (!isCreatedDriver(created)) {
    const besides = strays.length === 0 ? '' : `; it made ${removed}`;
    throw violation(`what it returned is not a created driver${besides}`);
  }
  if (!isThere) {
    const made = strays.length === 0 ? 'and made no other' : `but made ${removed}`;
    const name = `${submission.namespace}/${identity.driverPodName}`;
    if (pod === undefined) throw violation(`there is no pod ${name}: it made none, ${made}`);
    // Nobody would know it again, and its name is taken.
    const isItsOwn = !isBuiltIn(submitter) && isMadeNow(pod, before, created);
    if (isItsOwn) await removePodForGood(kubernetes, referenceTo(pod), signal);
    const unmarked = `pod ${name} does not carry the submission ID ${identity.submissionId}`;
    throw violation(isItsOwn ? `${unmarked}; it was removed` : `${unmarked}; it made none, ${made}`);
  }
  const wrong = differences(pod, created, request);
  if (strays.length > 0) wrong.push(`beside the driver it made ${removed}`);
  if (wrong.length > 0) throw violation(wrong.join('; '));
  return { created, pod };
}

/** Whether a submitter made this pod: it says so, and the pod was not there before. */
function isMadeNow({ metadata }: Pod, before: Pod | undefined, { driverPodUid, adopted }: CreatedDriver): boolean {
  return !adopted && driverPodUid === metadata?.uid && before?.metadata?.uid !== metadata.uid;
}

function referenceTo({ metadata }: Pod): PodReference {
  const { namespace, name, uid } = metadata as PodReference;
  return { namespace, name, uid };
}

async function answerOf(
  kubernetes: KubernetesClient,
  submitter: SparkApplicationSubmitter,
  request: SubmissionRequest,
  signal: AbortSignal,
  timings: Timings,
): Promise<unknown> {
  const answer = new Promise((resolve) => resolve(submitter.submit(request, { kubernetes, signal })));
  try {
    return await Promise.race([answer, givenUp(submitter.name, signal, timings)]);
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
function givenUp(name: string, signal: AbortSignal, { submitterStopMs }: Timings): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      const error = new SubmitterError(
        SubmitterErrorType.SubmitterTimeout,
        `The submitter "${name}" neither returned in time nor gave up when it was told to.`,
      );
      setTimeout(() => reject(error), submitterStopMs).unref();
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
    // Who created what is adopted could perhaps not ask for it.
    if (key === Annotation.TemporalNamespaceId && actual === undefined) continue;
    if (actual !== value) wrong.push(`annotation ${key} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
  // One that is being deleted may have been released already, by housekeeping or by hand.
  for (const finalizer of metadata.deletionTimestamp === undefined ? identity.finalizers : []) {
    if (!metadata.finalizers?.includes(finalizer)) wrong.push(`finalizer ${finalizer} is missing`);
  }
  return wrong;
}

/** Pods of this submission under other names, but for its executors: nobody would ever look after them. */
async function removeStrays(
  kubernetes: KubernetesClient,
  { submission: { namespace }, identity }: SubmissionRequest,
  signal: AbortSignal,
): Promise<string[]> {
  const labelSelector = `${Label.SubmissionId}=${identity.submissionId},spark-role!=executor`;
  const removed: string[] = [];
  for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector, signal })) {
    for (const pod of page) {
      const { name } = referenceTo(pod);
      if (name === identity.driverPodName) continue;
      await removePod(kubernetes, referenceTo(pod), signal);
      removed.push(`pod ${namespace}/${name}`);
    }
  }
  return removed;
}
