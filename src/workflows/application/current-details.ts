import {
  admissionWorkflowId,
  describeExecutors,
  describeProgress,
  describeQueue,
  remedyOf,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import { cell, code } from '../markdown.ts';

/** Together with the rest it stays under 2 KB. */
const ATTEMPTS_SHOWN = 5;

/** Characters of a cell. */
const LIMIT = 300;

/** The status as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown, under 2 KB). */
export function currentDetails(status: SparkApplicationStatus, parentWorkflowId?: string): string {
  const rows: [string, string | number | undefined][] = [
    ['State', `**${status.state}**${status.stopping === undefined ? '' : ` (being ${status.stopping})`}`],
    ['Cause', status.failure && words(status.failure.cause)],
    ['What to do', remedyOf(status.failure)],
    ['Problem', status.problem && words([status.problem.reason, status.problem.message].filter(Boolean).join(': '))],
    ['Killed', status.killReason && words(status.killReason)],
    ['Queue', status.queue && link(describeQueue(status.queue), admissionWorkflowId(status.queue.name))],
    ['Next attempt', status.nextAttemptAt],
    ['Progress', status.progress && words(`${describeProgress(status.progress)} (at ${status.progress.observedAt})`)],
    ['Executors', status.executors && describeExecutors(status.executors)],
    ['Attempts', status.attempts],
    ['Cluster', status.cluster],
    ['Driver', status.driverPodName && words(`${status.namespace}/${status.driverPodName}`)],
    ['Part of', parentWorkflowId && link(parentWorkflowId, parentWorkflowId)],
    ['Spark UI', status.sparkUi && address(status.sparkUi)],
    ['Spark application', status.sparkApplicationId && words(status.sparkApplicationId)],
    ['Submitter', status.submitter],
    ['Placement', status.placement && cell(status.placement.reason, LIMIT)],
    ['Warning', status.placement?.warnings && cell(status.placement.warnings.join(' '), LIMIT)],
    ['Submitted', status.submittedAt],
    ['Started', status.startedAt],
    ['Finished', status.finishedAt],
    ['Exit code', status.exitCode],
    ['Reason', status.reason && words(status.reason)],
    ['Failure class', status.failureClass],
    ['Message', status.message && words(status.message)],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`]));
  return ['| | |', '|---|---|', ...lines, ...pastAttempts(status)].join('\n');
}

/** The last few, once there was more than one. */
function pastAttempts({ attempts, attemptHistory }: SparkApplicationStatus): string[] {
  if (attempts < 2) return [];
  return [
    '',
    '| Attempt | Ended | Exit code | Reason | At |',
    '|---|---|---|---|---|',
    ...attemptHistory
      .slice(-ATTEMPTS_SHOWN)
      .map(
        (past) =>
          `| ${[past.attempt, past.state, past.exitCode ?? '', words(past.reason ?? ''), past.finishedAt].join(' | ')} |`,
      ),
  ];
}

/** Those of a driver or a cluster. */
const words = (text: string): string => code(text, LIMIT);

/** To a workflow's page; {namespace} is the UI's to fill in. */
function link(text: string, workflowId: string): string {
  return `[${cell(text, LIMIT)}](/namespaces/{namespace}/workflows/${encodeURIComponent(workflowId)})`;
}

function address(url: string): string {
  return /^https?:/.test(url) ? `[${cell(url, LIMIT)}](${encodeURI(url)})` : words(url);
}
