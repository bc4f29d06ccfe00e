import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../kubernetes/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { printable } from '../../output/printable.ts';
import { driverEnd, type DriverPodTarget } from './driver-pod.ts';
import { LocalPort } from './local-port.ts';
import { applicationIdsIn, askSpark } from './spark-answer.ts';

export interface ServeDriverOptions {
  readonly kubernetes: KubernetesClient;
  readonly driver: DriverPodTarget & { readonly sparkApplicationId: string };
  /** Of Spark's UI in the pod. */
  readonly port: number;
  /** 0 for a free one. */
  readonly localPort: number;
  /** Between two reads of the driver, in milliseconds. @default 2000 */
  readonly intervalMs?: number;
}

const ASK_AGAIN_MS = 1_000;

/**
 * Forwards a local port to the UI of a running driver and prints its link, until the driver ends.
 *
 * @returns how it ended: `gone` where its pod was deleted
 */
export async function serveDriver(options: ServeDriverOptions): Promise<'ended' | 'gone'> {
  const { kubernetes, driver, port, localPort, intervalMs = 2_000 } = options;
  const { namespace, podName } = driver;
  const over = new AbortController();
  const onTrouble = (problem: string) => console.error(printable(`${problem} It is tried again.`));
  const connect = (signal: AbortSignal) => kubernetes.connectToPod(namespace, podName, port, { signal });
  const local = await LocalPort.open({ port: localPort, connect, onTrouble });
  try {
    const end = driverEnd({ kubernetes, target: driver, signal: over.signal, onTrouble, intervalMs });
    const first = await Promise.race([end, untilAnswered(options, over.signal)]);
    if (first !== 'answered') return first;
    console.log(`http://localhost:${local.port}`);
    console.error(
      `Spark UI of ${driver.sparkApplicationId}, port ${port} of pod ${namespace}/${podName}. It ends with the driver, or with Ctrl-C.`,
    );
    return await end;
  } finally {
    over.abort();
    local.close();
  }
}

/**
 * Waits until Spark has opened its UI: a driver runs for some seconds before that.
 *
 * @throws CliError where the port is that of another application, KubernetesError where the connection is refused
 */
async function untilAnswered(
  { kubernetes, driver, port }: ServeDriverOptions,
  signal: AbortSignal,
): Promise<'answered'> {
  const { namespace, podName, sparkApplicationId } = driver;
  for (let isReported = false; ; isReported = true) {
    try {
      const connection = await kubernetes.connectToPod(namespace, podName, port, { signal });
      const applicationIds = applicationIdsIn(await askSpark(connection, '/api/v1/applications', signal));
      if (applicationIds.length === 0 || applicationIds.includes(sparkApplicationId)) return 'answered';
      throw new CliError(
        ExitCode.Failed,
        `Port ${port} of pod ${namespace}/${podName} serves another Spark application, ${applicationIds.join(', ')}: ` +
          'the driver shares the network of its node. Set spark.ui.port to a port of its own.',
      );
    } catch (error) {
      const isFinal = isKubernetesError(error) ? !error.retryable : error instanceof CliError;
      // A pod that is gone is an end of the driver, which its reader notices.
      const isGone = isKubernetesError(error, KubernetesErrorType.NotFound);
      if (signal.aborted || (isFinal && !isGone)) throw error;
      if (!isReported) {
        const waiting = `Waiting for Spark to open its UI on port ${port} of pod ${namespace}/${podName}`;
        console.error(printable(`${waiting}: ${(error as Error).message}`));
      }
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }
}
