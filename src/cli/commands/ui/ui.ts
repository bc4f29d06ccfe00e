import { absentDriver } from '../../../client/absent-driver.ts';
import type { SparkApplicationDescription } from '../../../client/index.ts';
import { ApplicationState, type SparkApplicationStatus } from '../../../protocol/index.ts';
import { connectCluster } from '../../connect-cluster.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { findApplication } from '../../find-application.ts';
import { shortName } from '../../find-execution.ts';
import type { ClusterFlags, NamespaceFlags, TemporalFlags } from '../../flags.ts';
import { explainError } from '../../output/explain-error.ts';
import { printable } from '../../output/printable.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { findDriverPod, type DriverPod } from './driver-pod.ts';
import { historyLink } from './history-link.ts';
import { serveDriver } from './serve-driver.ts';
import { EVENT_LOG_LINES, uiConfiguration, type UiConfiguration } from './ui-configuration.ts';

export interface UiFlags extends TemporalFlags, NamespaceFlags, ClusterFlags {
  readonly port?: number;
  readonly historyServer?: string;
}

/** An application whose last attempt has begun. */
interface Known {
  readonly workflowId: string;
  readonly description: SparkApplicationDescription;
  readonly status: SparkApplicationStatus;
  readonly configuration: UiConfiguration;
}

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

/** @throws CliError where no attempt has begun */
async function knownOf({ spark }: Temporal, workflowId: string): Promise<Known> {
  const description = await spark.describe(workflowId);
  const absent = absentDriver(description);
  if (absent !== undefined) {
    throw new CliError(absent.type === 'NoAnswer' ? ExitCode.Unreachable : ExitCode.Failed, absent.message);
  }
  const { manifest } = await spark.manifest(workflowId);
  return { workflowId, description, status: description.status!, configuration: uiConfiguration(manifest) };
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

/** The UI of a driver that has ended, by its event log. @throws CliError without an event log */
async function showEnded(known: Known, { historyServer }: UiFlags, pod?: DriverPod['state']): Promise<ExitCode> {
  const { eventLogDir } = known.configuration;
  const { startedAt, attemptHistory, sparkApplicationId } = known.status;
  if ((startedAt ?? attemptHistory.at(-1)?.startedAt) === undefined && pod === undefined) {
    throw new CliError(ExitCode.Failed, unstartedText(known));
  }
  const ended = endedText(known, pod);
  if (eventLogDir === undefined) {
    throw new CliError(
      ExitCode.Failed,
      `${ended}; its UI ended with it. Its manifest does not switch event logs on; for the next run, add to spec.sparkConf:\n` +
        EVENT_LOG_LINES.map((line) => `  ${line}`).join('\n'),
    );
  }
  if (historyServer === undefined) {
    throw new CliError(
      ExitCode.Failed,
      `${ended}. Its event log is in ${eventLogDir}: set --history-server or TEMPORAL_SPARK_HISTORY_SERVER to the URL of a Spark History Server that reads it.`,
    );
  }
  const { link, problem } = await historyLink(historyServer, sparkApplicationId!);
  console.log(link);
  console.error(printable(`${ended}. Its event log is in ${eventLogDir}.`));
  if (problem !== undefined) console.error(printable(problem));
  return ExitCode.Ok;
}

const subjectOf = ({ status: { namespace, name } }: Known): string => `${namespace}/${name}`;

function endedText(known: Known, pod: DriverPod['state'] | undefined): string {
  const { state = known.status.state } = known.description;
  if (pod === 'gone')
    return `${subjectOf(known)} is ${state}, but its driver pod no longer exists (to see why: temporal-spark describe ${shortName(known.workflowId)})`;
  if (pod === 'ended') return `The driver of ${subjectOf(known)} has ended`;
  return `${subjectOf(known)} is ${state}: its driver has ended`;
}

function unstartedText(known: Known): string {
  const { problem, reason, state } = known.status;
  const why = problem === undefined ? (reason ?? '') : wordsOf(problem);
  return `${subjectOf(known)} is ${state}: its driver did not start${why === '' ? '' : `, ${why}`}, so it had no UI. See temporal-spark describe ${shortName(known.workflowId)}.`;
}

const wordsOf = ({ reason, message }: NonNullable<SparkApplicationStatus['problem']>): string =>
  [reason, message].filter(Boolean).join(': ');

function pendingText(known: Known, why: string): string {
  const { problem } = known.status;
  const reason = problem === undefined ? why : wordsOf(problem);
  return `The driver of ${subjectOf(known)} has not started: ${reason}. See temporal-spark describe ${shortName(known.workflowId)}.`;
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
