import { text as textOf } from 'node:stream/consumers';
import type { SparkApplicationDescription, SparkClient } from '../../../client/index.ts';
import { connectCluster } from '../../connect-cluster.ts';
import type { ClusterFlags } from '../../flags.ts';
import { ApplicationState } from '../../../protocol/index.ts';
import { present } from '../../../validation/present.ts';
import { driverEvents, type DescribedDriver, type DriverEvent } from './driver-events.ts';

/** For all that is read of a cluster. */
const DEADLINE_MS = 5_000;
const LOG_LINES = 12;
/** Of the end of a log: its lines may be long. */
const LOG_CHARACTERS = 4_000;

/** What a cluster knows of a driver. */
export interface DriverEvidence {
  readonly driver: DescribedDriver;
  /** Oldest first; a text is the reason why they were not read. */
  readonly events: readonly DriverEvent[] | string;
  /** The end of its log; absent where none was found. */
  readonly log?: LogEnd;
}

export interface LogEnd {
  /** The pod, the archive, or the result of the workflow. */
  readonly location: string;
  readonly lines: readonly string[];
}

/**
 * The Events of the driver pod and the end of its log, within 5 s. An application that completed, or has no driver, has
 * none of them.
 */
export async function driverEvidence(
  spark: SparkClient,
  description: SparkApplicationDescription,
  flags: ClusterFlags,
): Promise<DriverEvidence | undefined> {
  const { status, state, result } = description;
  const { driverPodName, submissionId, submittedAt, cluster, namespace = '' } = status ?? {};
  if (state === ApplicationState.Completed || !driverPodName || !submissionId) return undefined;
  const driver = { namespace, podName: driverPodName, submissionId, ...present({ since: submittedAt }) };
  const recorded = result?.logTail === undefined ? undefined : endOf(result.logTail, 'recorded when it failed');
  const over = new AbortController();
  const { signal } = over;
  const late = setTimeout(() => over.abort(new Error(`no answer within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  const connecting = connectCluster(flags, cluster, { retry: { maxRetries: 0 }, connectTimeoutMs: DEADLINE_MS });
  try {
    const [events, log] = await Promise.all([
      untilAborted(signal, async () => driverEvents(await connecting, driver, signal)).catch(firstLine),
      recorded ??
        untilAborted(signal, async () => logEnd(spark, description.workflowId, () => connecting, signal)).catch(
          () => undefined,
        ),
    ]);
    return { driver, events, ...present({ log }) };
  } finally {
    clearTimeout(late);
    over.abort();
    connecting.then(
      (kubernetes) => kubernetes.close(),
      () => undefined,
    );
  }
}

async function logEnd(
  spark: SparkClient,
  workflowId: string,
  kubernetes: () => ReturnType<typeof connectCluster>,
  signal: AbortSignal,
): Promise<LogEnd> {
  const log = await (await spark.logs(workflowId, { kubernetes })).driver({ tailLines: LOG_LINES, signal });
  return endOf(await textOf(log), log.location);
}

function endOf(text: string, location: string): LogEnd {
  const lines = text.trimEnd().slice(-LOG_CHARACTERS).split('\n').slice(-LOG_LINES);
  return { location, lines };
}

/** A credential plugin heeds no signal. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work(), aborted]);
}

const firstLine = (error: unknown): string => (error as Error).message.split('\n', 1)[0]!;
