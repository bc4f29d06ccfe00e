import { Context } from '@temporalio/activity';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { Label } from '../../spark/metadata.ts';
import { SubmitterError, SubmitterErrorType, type SubmissionRequest } from '../../submitters/index.ts';
import { PodsRefused } from '../../submitters/dry-run/dry-runs.ts';
import { isTypedError } from '../failure.ts';
import { countCanary, countStepBack } from '../metrics.ts';
import { recordPodEvent } from '../record-pod-event.ts';
import type { Choice } from './choose-submitter.ts';
import { removePodForGood } from './remove-pod.ts';

/** The part of an attempt's time that a trial may take: the rest is for the chosen submitter. */
const TRIAL_SHARE = 1 / 3;

/**
 * Runs a submission that is a trial, and counts its result: a canary that fails too often is no longer used, which is
 * logged and recorded as an Event. After a failed trial the chosen submitter is tried: only its error ends a
 * submission.
 */
export async function withCanaryTrial<T>(
  { submitter: { name }, trial }: Required<Choice>,
  request: SubmissionRequest,
  kubernetes: KubernetesClient,
  signal: AbortSignal,
  submit: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { cancellationSignal, info, log } = Context.current();
  try {
    const time = AbortSignal.timeout(TRIAL_SHARE * info.startToCloseTimeoutMs);
    const created = await submit(AbortSignal.any([signal, time]));
    trial.succeeded();
    countCanary(name, 'created');
    return created;
  } catch (error) {
    // The result is unknown: the worker stops, the application is cancelled, or time is up.
    if (cancellationSignal.aborted || (signal.aborted && error === signal.reason)) throw error;
    if (error instanceof SubmitterError && error.type === SubmitterErrorType.SubmitterContractViolation) {
      await removeDriver(kubernetes, request, signal);
    }
    const again = triedAgain(name, error);
    if (isBlameless(error)) throw again;
    countCanary(name, 'failed');
    const why = trial.failed();
    if (why === undefined) throw again;
    countStepBack(name);
    const message = `This worker stopped using the canary "${name}": ${why}. Last error: ${messageOf(error)}`;
    log.error(message);
    const about = { pod: request.identity.driverPodName, type: 'Warning', reason: 'CanarySteppedBack' } as const;
    const { namespace } = request.submission;
    await recordPodEvent(kubernetes, { ...about, namespace, message, by: 'canary' }).catch(() => undefined);
    throw again;
  }
}

/** A trial never fails an application: after any error the chosen submitter is tried. */
function triedAgain(name: string, error: unknown): unknown {
  if (isTypedError(error) && error.retryable) return error;
  const message = `The canary "${name}" failed: ${messageOf(error)}`;
  return new SubmitterError(SubmitterErrorType.SubmitterFailed, message, error);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const NOT_THE_SUBMITTERS: ReadonlySet<string> = new Set<KubernetesErrorType | SubmitterErrorType>([
  KubernetesErrorType.NamespaceNotFound,
  KubernetesErrorType.NamespaceTerminating,
  KubernetesErrorType.ServiceAccountNotFound,
  KubernetesErrorType.QuotaExceeded,
  KubernetesErrorType.TooManyRequests,
  SubmitterErrorType.DriverNameConflict,
]);

/**
 * Errors that any submitter would have: the cluster is unhealthy, or the application does not fit it. By type where a
 * submitter has errors of its own.
 */
function isBlameless(error: unknown): boolean {
  if (error instanceof PodsRefused || (isKubernetesError(error) && error.retryable)) return true;
  return isTypedError(error) && NOT_THE_SUBMITTERS.has(error.type);
}

/** A driver that violates the contract cannot be adopted by the next submitter: it is removed first. */
async function removeDriver(
  kubernetes: KubernetesClient,
  { submission: { namespace }, identity }: SubmissionRequest,
  signal: AbortSignal,
): Promise<void> {
  const name = identity.driverPodName;
  const pod = await kubernetes.get(Resources.pods, namespace, name, { signal });
  const uid = pod?.metadata?.uid;
  if (uid === undefined || pod?.metadata?.labels?.[Label.SubmissionId] !== identity.submissionId) return;
  await removePodForGood(kubernetes, { namespace, name, uid }, signal);
}
