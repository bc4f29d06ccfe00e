import type { KubernetesClient } from '../../kubernetes/index.ts';

/**
 * Kubernetes gives the first bytes of the last lines, not the last bytes: an answer that reaches the limit is requested
 * again with fewer lines. The kubelet counts a long line in parts of 16 KiB, so the fewest are always within it.
 */
const LINES: readonly number[] = [8192, 1024, 128];
const LIMIT_BYTES = 3 * 2 ** 20;

/** Logs that a worker reads at once: its memory must not depend on how many drivers fail together. */
const AT_ONCE = 16;

/**
 * How long a kubelet that does not answer is asked again. The end of a driver is recorded after its log was read, and
 * until then another driver cannot have its name; a refused connection seldom heals within seconds.
 */
const RETRY = { giveUpAfterMs: 500 };

const waiting: (() => void)[] = [];
let reading = 0;

export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Milliseconds: for the wait for other logs, and then for all requests. */
  readonly timeoutMs: number;
}

/**
 * The last MiB of a log, or more, or all of it.
 *
 * @throws KubernetesError where it cannot be read; TimeoutError where it took too long
 */
export async function readLogEnd(kubernetes: KubernetesClient, source: LogSource): Promise<string> {
  await begin(AbortSignal.timeout(source.timeoutMs));
  try {
    return await read(kubernetes, source);
  } finally {
    // The next one takes the place.
    const next = waiting.shift();
    if (next === undefined) reading--;
    else next();
  }
}

async function begin(signal: AbortSignal): Promise<void> {
  if (reading < AT_ONCE) {
    reading++;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => {
      waiting.splice(waiting.indexOf(take), 1);
      reject(signal.reason as Error);
    };
    const take = () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    waiting.push(take);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

async function read(
  kubernetes: KubernetesClient,
  { namespace, pod, container, timeoutMs }: LogSource,
): Promise<string> {
  const limits = { container, signal: AbortSignal.timeout(timeoutMs), limitBytes: LIMIT_BYTES, retry: RETRY };
  let log = '';
  for (const tailLines of LINES) {
    log = await kubernetes.logs(namespace, pod, { ...limits, tailLines });
    if (Buffer.byteLength(log) < LIMIT_BYTES) break;
  }
  return log;
}
