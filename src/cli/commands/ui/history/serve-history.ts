import type { KubernetesClient, Pod } from '../../../../kubernetes/index.ts';
import { HISTORY_SERVER_PORT, HISTORY_SERVER_SECONDS } from '../../../../spark/history/history-server-pod.ts';
import { printable } from '../../../output/printable.ts';
import { LocalPort } from '../local-port.ts';
import { pollPod } from '../poll-pod.ts';
import { endText, HistoryServerEnded } from './history-server-ended.ts';
import { untilListed } from './until-listed.ts';
import { untilRunning, withPod } from './with-pod.ts';

export interface ServeHistoryOptions {
  readonly kubernetes: KubernetesClient;
  /** Of the history server, as it is created. */
  readonly pod: Pod;
  readonly sparkApplicationId: string;
  readonly eventLogDir: string;
  /** 0 for a free one. */
  readonly localPort: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Between two reads of the pod, and two requests to the server, in milliseconds. @default 1000 */
  readonly intervalMs?: number;
  /** In which the pod must start, in milliseconds. @default 300000 */
  readonly startMs?: number;
}

/**
 * Creates the pod of a history server, forwards a local port to it and prints the link of the application, until the
 * signal. The pod is deleted in any case.
 *
 * @throws the signal's reason; HistoryServerEnded where it does not start, does not find the event log, or ends;
 * KubernetesError; CliError where the local port is in use
 */
export async function serveHistory(options: ServeHistoryOptions): Promise<never> {
  const {
    kubernetes,
    pod,
    localPort,
    sparkApplicationId,
    eventLogDir,
    intervalMs = 1_000,
    startMs = 300_000,
  } = options;
  const { namespace = '', name: podName = '' } = pod.metadata!;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const onTrouble = (problem: string) => console.error(printable(`${problem} It is tried again.`));
  const connect = (until: AbortSignal) =>
    kubernetes.connectToPod(namespace, podName, HISTORY_SERVER_PORT, { signal: until });
  const polled = { kubernetes, namespace, podName, signal, onTrouble, intervalMs };
  const local = await LocalPort.open({ port: localPort, connect, onTrouble });
  const serve = async (): Promise<never> => {
    await untilRunning({ ...polled, startMs });
    const end = pollPod(polled, (now) => {
      const text = endText(now);
      return text === undefined ? undefined : new HistoryServerEnded(`Pod ${namespace}/${podName} ${text}`);
    });
    const listed = untilListed({ connect, sparkApplicationId, eventLogDir, signal, intervalMs });
    const first = await Promise.race([end, listed]);
    if (first instanceof Error) throw first;
    console.log(`http://localhost:${local.port}${first}`);
    console.error(
      `Spark's History Server in pod ${namespace}/${podName}. Ctrl-C deletes it; it ends after ${HISTORY_SERVER_SECONDS / 3600} hours.`,
    );
    throw await end;
  };
  try {
    // What still reads the pod, or waits for the server, must not report that the pod is deleted.
    return await withPod({ kubernetes, pod, signal }, () => serve().finally(() => over.abort()));
  } finally {
    local.close();
  }
}
