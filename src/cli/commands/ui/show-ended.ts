import { CliError, ExitCode } from '../../exit-code.ts';
import { shortName } from '../../find-execution.ts';
import { printable } from '../../output/printable.ts';
import type { DriverPod } from './driver-pod.ts';
import { historyLink } from './history-link.ts';
import { showEventLog, type EventLogFlags } from './history/show-event-log.ts';
import { problemOf, subjectOf, type Known } from './known.ts';
import { EVENT_LOG_LINES } from './ui-configuration.ts';

export interface EndedFlags extends EventLogFlags {
  readonly historyServer?: string;
  /** Whether a history server may be started where none is set. @default true */
  readonly server?: boolean;
}

/**
 * The UI of a driver that has ended, by its event log: a link of the history server, or a server of its own until Ctrl-C.
 *
 * @throws CliError without an event log, and where neither is possible
 */
export async function showEnded(known: Known, flags: EndedFlags, pod?: DriverPod['state']): Promise<ExitCode> {
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
  if (flags.historyServer === undefined && flags.server === false) {
    throw new CliError(
      ExitCode.Failed,
      `${ended}. Its event log is in ${eventLogDir}: set --history-server or TEMPORAL_SPARK_HISTORY_SERVER to the URL of a Spark History Server that reads it, or leave out --no-server to start one.`,
    );
  }
  console.error(printable(`${ended}. Its event log is in ${eventLogDir}.`));
  if (flags.historyServer === undefined) return showEventLog({ ...known, eventLogDir }, flags);
  const { link, problem } = await historyLink(flags.historyServer, sparkApplicationId!);
  console.log(link);
  if (problem !== undefined) console.error(printable(problem));
  return ExitCode.Ok;
}

function endedText(known: Known, pod: DriverPod['state'] | undefined): string {
  const { state = known.status.state } = known.description;
  if (pod === 'gone')
    return `${subjectOf(known)} is ${state}, but its driver pod no longer exists (to see why: temporal-spark describe ${shortName(known.workflowId)})`;
  if (pod === 'ended') return `The driver of ${subjectOf(known)} has ended`;
  return `${subjectOf(known)} is ${state}: its driver has ended`;
}

function unstartedText(known: Known): string {
  const { reason = '', state } = known.status;
  const why = problemOf(known) ?? reason;
  return `${subjectOf(known)} is ${state}: its driver did not start${why === '' ? '' : `, ${why}`}, so it had no UI. See temporal-spark describe ${shortName(known.workflowId)}.`;
}
