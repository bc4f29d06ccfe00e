import { DriverDiagnosis } from '../../../../activities/watch/driver-diagnosis.ts';
import { START_PROBLEMS, viewDriver } from '../../../../activities/watch/driver-observation.ts';
import { isKubernetesError, Resources, type KubernetesClient, type Pod } from '../../../../kubernetes/index.ts';
import { printable } from '../../../output/printable.ts';
import { remedyFor } from '../../../output/symptom.ts';
import { pollPod, type PollPodOptions } from '../poll-pod.ts';
import { endText, HistoryServerEnded } from './history-server-ended.ts';

export interface WithPodOptions {
  readonly kubernetes: KubernetesClient;
  readonly pod: Pod;
  readonly signal: AbortSignal;
}

/** Creates a pod for the work, and deletes it afterwards, however that ends. @throws KubernetesError */
export async function withPod<T>({ kubernetes, pod, signal }: WithPodOptions, work: () => Promise<T>): Promise<T> {
  // A request whose answer is lost may be carried out.
  let mayExist = true;
  try {
    await kubernetes.create(Resources.pods, pod, { signal }).catch((error: unknown) => {
      mayExist = !isKubernetesError(error) || error.retryable;
      throw error;
    });
    return await work();
  } finally {
    if (mayExist) await remove(kubernetes, pod);
  }
}

async function remove(kubernetes: KubernetesClient, { metadata, spec }: Pod): Promise<void> {
  const { namespace = '', name = '' } = metadata!;
  try {
    if (await kubernetes.delete(Resources.pods, namespace, name)) console.error(`Deleted pod ${namespace}/${name}.`);
  } catch (error) {
    const hours = spec!.activeDeadlineSeconds! / 3600;
    console.error(
      printable(
        `${(error as Error).message} Pod ${namespace}/${name} ends after ${hours} hours. To delete it: kubectl delete pod -n ${namespace} ${name}`,
      ),
    );
  }
}

export interface UntilRunningOptions extends PollPodOptions {
  /** In which it must run, in milliseconds. */
  readonly startMs: number;
}

/**
 * Waits until the pod runs, and reports why it does not yet.
 *
 * @throws HistoryServerEnded where it cannot start, or does not in time; the signal's reason; KubernetesError
 */
export async function untilRunning({ startMs, ...options }: UntilRunningOptions): Promise<void> {
  const { kubernetes, namespace, podName, signal } = options;
  const subject = `${namespace}/${podName}`;
  const diagnosis = new DriverDiagnosis(kubernetes, signal);
  const until = performance.now() + startMs;
  let reported: string | undefined;
  await pollPod(options, async (pod) => {
    const end = endText(pod);
    if (end !== undefined || pod === undefined) throw new HistoryServerEnded(`Pod ${subject} ${end}`);
    const view = viewDriver(pod);
    if (view.phase !== 'pending') return true;
    const { reason, message } = (await diagnosis.of(pod, view)) ?? { reason: 'ContainerCreating' };
    const why = [reason, message].filter(Boolean).join(': ');
    if (START_PROBLEMS.has(reason) || performance.now() > until) {
      const remedy = remedyFor[reason];
      throw new HistoryServerEnded(`Pod ${subject} does not start: ${why}.${remedy === undefined ? '' : ` ${remedy}`}`);
    }
    if (why !== reported) console.error(printable(`Waiting for pod ${subject}: ${why}`));
    reported = why;
    return undefined;
  });
}
