import { ApplicationState } from '../../../protocol/index.ts';
import { connectCluster } from '../../connect-cluster.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { findApplication } from '../../find-application.ts';
import { shortName } from '../../find-execution.ts';
import type { NamespaceFlags, TemporalFlags } from '../../flags.ts';
import { explainError } from '../../output/explain-error.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { findDriverPod } from './driver-pod.ts';
import { knownOf, problemOf, subjectOf, type Known } from './known.ts';
import { serveDriver } from './serve-driver.ts';
import { showEnded, type EndedFlags } from './show-ended.ts';

export interface UiFlags extends TemporalFlags, NamespaceFlags, EndedFlags {}

/** Prints a link to Spark's own UI, and serves it while the driver runs. */
export async function ui(application: string, flags: UiFlags): Promise<ExitCode> {
  return withTemporal(flags, async (temporal) => {
    const workflowId = await findApplication(temporal, application, { command: 'ui', ...flags });
    const known = await knownOf(temporal, workflowId);
    if (!mayRun(known)) return showEnded(known, flags);
    const { enabled, port } = known.configuration;
    const { status } = known;
    const driver = {
      namespace: status.namespace,
      podName: status.driverPodName!,
      submissionId: status.submissionId!,
      sparkApplicationId: status.sparkApplicationId!,
    };
    const kubernetes = await reaching(known, () => connectCluster(flags, status.cluster));
    try {
      const pod = await reaching(known, () => findDriverPod(kubernetes, driver));
      if (pod.state === 'pending') throw new CliError(ExitCode.Failed, pendingText(known, pod.why));
      if (pod.state !== 'running') return await showEnded(known, flags, pod.state);
      if (!enabled) throw new CliError(ExitCode.Failed, disabledText(known));
      const end = await reaching(known, () => serveDriver({ kubernetes, driver, port, localPort: flags.port ?? 0 }));
      console.error(await endText(temporal, known, end));
      return ExitCode.Ok;
    } finally {
      kubernetes.close();
    }
  });
}

const OVER: ReadonlySet<string> = new Set([
  ApplicationState.Completed,
  ApplicationState.Failed,
  ApplicationState.Cancelled,
  ApplicationState.Suspended,
  ApplicationState.PendingRerun,
  ApplicationState.SubmissionFailed,
  ApplicationState.Resuming,
]);

/** Whether the cluster may have a driver that runs: also of a workflow that was terminated. */
function mayRun({ status: { state, driverPodName, submissionId, sparkApplicationId } }: Known): boolean {
  return !OVER.has(state) && Boolean(driverPodName) && Boolean(submissionId) && Boolean(sparkApplicationId);
}

async function reaching<T>(known: Known, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'KubernetesError') throw error;
    const { exitCode, message } = explainError(error);
    throw new CliError(exitCode, `The driver of ${subjectOf(known)} is not reachable: ${message}`, error);
  }
}

function pendingText(known: Known, why: string): string {
  return `The driver of ${subjectOf(known)} has not started: ${problemOf(known) ?? why}. See temporal-spark describe ${shortName(known.workflowId)}.`;
}

function disabledText(known: Known): string {
  return `The driver of ${subjectOf(known)} has no UI: its manifest sets spark.ui.enabled to false. Its progress: temporal-spark logs ${shortName(known.workflowId)} -f`;
}

async function endText({ spark }: Temporal, known: Known, end: 'ended' | 'gone'): Promise<string> {
  const name = shortName(known.workflowId);
  const what = `The driver of ${subjectOf(known)} ${end === 'ended' ? 'has ended' : 'was deleted'}, and its UI with it.`;
  // The end of the driver is recorded somewhat later.
  const isOver = await spark.describe(known.workflowId).then(
    ({ closeTime }) => closeTime !== undefined,
    () => false,
  );
  const describe = `  To see how:     temporal-spark describe ${name}${isOver ? '' : ' --watch'}`;
  const { eventLogDir } = known.configuration;
  return [what, describe, ...(eventLogDir === undefined ? [] : [`  Its event log:  temporal-spark ui ${name}`])].join(
    '\n',
  );
}
