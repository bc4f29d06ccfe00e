import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { containerOf, isRunning } from './container.ts';
import { ForeignText, sinceTimeOf, TimedLog } from './timed-log.ts';
import { present } from '../validation/present.ts';

export interface ReadContainerOptions {
  /** Read what is written later, across interruptions, until the container ends. @default false */
  readonly follow?: boolean;
  /** @default all */
  readonly tailLines?: number;
  /** @default from the beginning */
  readonly since?: Date;
  readonly signal?: AbortSignal;
}

/** A kubelet answers a reader that follows only once the container writes. */
const FOLLOW_TIMEOUT_MS = 2 ** 31 - 1;
const RETRY_MS = 1_000;

/** The log of the Spark container of a pod, from its kubelet. @throws KubernetesError where the kubelet has none */
export async function* readContainer(
  kubernetes: KubernetesClient,
  pod: Pod,
  { follow = false, tailLines, since, signal }: ReadContainerOptions = {},
): AsyncIterable<Uint8Array> {
  const { namespace, name } = pod.metadata!;
  const container = containerOf(pod);
  const sinceTime = since?.toISOString();
  const beginning = { container, ...present({ tailLines, sinceTime, signal }) };
  if (!follow) {
    yield* kubernetes.readLog(namespace!, name!, beginning);
    return;
  }
  let log = new TimedLog();
  for (let isFirst = true; ; isFirst = false) {
    const isFollowed = await runs(kubernetes, pod, signal);
    // An API server that lost its kubelet ends the log of a container that runs on.
    if (isFollowed && !isFirst) await sleep(RETRY_MS, undefined, present({ signal }));
    const from = log.position;
    const place = from === undefined ? beginning : { container, sinceTime: sinceTimeOf(from), ...present({ signal }) };
    const options = { ...place, follow: isFollowed, timestamps: true, timeoutMs: FOLLOW_TIMEOUT_MS };
    const taken: Buffer[] = [];
    try {
      for await (const chunk of kubernetes.readLog(namespace!, name!, options)) {
        log.push(chunk, (bytes) => taken.push(bytes));
        yield* taken.splice(0);
      }
      if (!isFollowed) return;
    } catch (error) {
      signal?.throwIfAborted();
      yield* taken.splice(0);
      if (!(error instanceof ForeignText) && !isInterruption(error)) {
        if (from === undefined) throw error;
        return;
      }
      if (!isFollowed) await sleep(RETRY_MS, undefined, present({ signal }));
    }
    log = new TimedLog(log.position);
  }
}

async function runs(kubernetes: KubernetesClient, pod: Pod, signal: AbortSignal | undefined): Promise<boolean> {
  const { namespace, name, uid } = pod.metadata!;
  try {
    const now = await kubernetes.get(Resources.pods, namespace, name!, present({ signal }));
    return now !== undefined && now.metadata?.uid === uid && isRunning(now);
  } catch (error) {
    if (isInterruption(error)) return true;
    throw error;
  }
}

/** Whether the same call may work in a moment. */
function isInterruption(error: unknown): boolean {
  return isKubernetesError(error) && error.retryable && error.type !== KubernetesErrorType.ClientClosed;
}
