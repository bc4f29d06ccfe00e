import { connectCluster } from '../../../connect-cluster.ts';
import { CliError, ExitCode } from '../../../exit-code.ts';
import type { ClusterFlags } from '../../../flags.ts';
import { explainError } from '../../../output/explain-error.ts';
import { subjectOf } from '../known.ts';
import { historyPodOf, type LoggedApplication } from './history-pod.ts';
import { serveHistory } from './serve-history.ts';

export interface EventLogFlags extends ClusterFlags {
  /** Local port. @default a free one */
  readonly port?: number;
  /** Of the workers. @default away from the control plane */
  readonly placementFile?: string;
}

/**
 * Starts Spark's History Server in the cluster, on the event log of an application, and serves it until Ctrl-C.
 *
 * @throws CliError where it does not start, or ends
 */
export async function showEventLog(application: LoggedApplication, flags: EventLogFlags): Promise<ExitCode> {
  const { status, eventLogDir } = application;
  try {
    const kubernetes = await connectCluster(flags, status.cluster);
    try {
      const pod = await historyPodOf(kubernetes, application, flags.placementFile);
      const sparkApplicationId = status.sparkApplicationId!;
      const localPort = flags.port ?? 0;
      return await untilInterrupted((signal) =>
        serveHistory({ kubernetes, pod, sparkApplicationId, eventLogDir, localPort, signal }),
      );
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { exitCode, message } = explainError(error);
    throw new CliError(
      exitCode,
      `Cannot show the event log of ${subjectOf(application)}: ${message}\n` +
        '  To use a history server that runs:  set --history-server or TEMPORAL_SPARK_HISTORY_SERVER',
      error,
    );
  }
}

/** A terminal that is closed sends SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the work in order at the first signal; the second one ends the process. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<never>): Promise<ExitCode> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const name of SIGNALS) process.once(name, interrupt);
  try {
    return await work(interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return ExitCode.Interrupted;
    throw error;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
