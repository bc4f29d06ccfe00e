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

/** The driver that a submitter created, as the API server has it. */
export interface AskedDriver {
  readonly created: CreatedDriver;
  readonly pod: Pod;
}

/**
 * Runs the submitter and verifies its result against the API server: it may never return, throw anything, or report
 * what it did not create.
 *
 * @throws SubmitterError, KubernetesError, SubmissionRefused: with a type, and whether it is retryable
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
    // Its error is what matters, and the next attempt checks again.
    if (!isBuiltIn(submitter)) await removeStrays(kubernetes, request, signal).catch(() => undefined);
    throw error;
  });
  const violation = (problem: string) =>
    new SubmitterError(
      SubmitterErrorType.SubmitterContractViolation,
      `The submitter "${submitter.name}" violated its contract: ${problem}.`,
    );
  // Ours pass the conformance suite; a list for each submission is too much where there are thousands.
  const pod = await driver();
  const isThere = pod?.metadata?.labels?.[Label.SubmissionId] === identity.submissionId;
  const strays = isThere && isBuiltIn(submitter) ? [] : await removeStrays(kubernetes, request, signal);
  const removed = `${strays.join(', ')}, which was removed`;
  if (!isCreatedDriver(created)) {
    const also = strays.length === 0 ? '' : `; it created ${removed}`;
    throw violation(`the value that it returned is not a created driver${also}`);
  }
  if (!isThere) {
    const others = strays.length === 0 ? '' : `; it created ${removed}`;
    const name = `${submission.namespace}/${identity.driverPodName}`;
    if (pod === undefined) throw violation(`pod ${name} does not exist${others}`);
    // No later attempt would recognise it, and its name is taken.
    const isItsOwn = !isBuiltIn(submitter) && isMadeNow(pod, before, created);
    if (isItsOwn) await removePodForGood(kubernetes, referenceTo(pod), signal);
    const unmarked = `pod ${name} does not carry the submission ID ${identity.submissionId}`;
    throw violation(isItsOwn ? `${unmarked} and was removed` : `${unmarked}${others}`);
  }
  const wrong = differences(pod, created, request);
  if (strays.length > 0) wrong.push(`it also created ${removed}`);
  if (wrong.length > 0) throw violation(wrong.join('; '));
  return { created, pod };
}

/** Whether a submitter created this pod: it reports so, and the pod did not exist before. */
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

/** Rejects when a submitter has not stopped in time after its signal was aborted. */
function givenUp(name: string, signal: AbortSignal, { submitterStopMs }: Timings): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      const error = new SubmitterError(
        SubmitterErrorType.SubmitterTimeout,
        `The submitter "${name}" timed out, and did not stop when its signal was aborted.`,
      );
      setTimeout(() => reject(error), submitterStopMs).unref();
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** Any value may be thrown; describing it must not throw. */
function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'a value that cannot be shown';
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
  const reported = [
    ['name', created.driverPodName, identity.driverPodName],
    ['UID', created.driverPodUid, metadata.uid],
    ['Spark application ID', created.sparkApplicationId, identity.sparkApplicationId],
  ] as const;
  for (const [what, returned, actual] of reported) {
    if (returned !== actual)
      wrong.push(`it returned ${what} ${JSON.stringify(returned)}, the pod has ${JSON.stringify(actual)}`);
  }
  for (const [key, value] of Object.entries(identity.labels)) {
    const actual = metadata.labels?.[key];
    if (actual !== value) wrong.push(`label ${key} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
  for (const [key, value] of Object.entries(identity.annotations)) {
    const actual = metadata.annotations?.[key];
    // The attempt that created an adopted driver may have been unable to read it.
    if (key === Annotation.TemporalNamespaceId && actual === undefined) continue;
    if (actual !== value) wrong.push(`annotation ${key} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
  // One that is being deleted may have been released already, by housekeeping or by hand.
  for (const finalizer of metadata.deletionTimestamp === undefined ? identity.finalizers : []) {
    if (!metadata.finalizers?.includes(finalizer)) wrong.push(`finalizer ${finalizer} is missing`);
  }
  return wrong;
}

/** Pods of this submission under other names, except its executors: no workflow would ever release them. */
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
