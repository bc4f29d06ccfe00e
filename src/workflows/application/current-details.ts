import {
  admissionWorkflowId,
  describeExecutors,
  describeProgress,
  describeQueue,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';

/** Together with the rest it stays under 2 KB. */
const ATTEMPTS_SHOWN = 5;

/** The status as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown, under 2 KB). */
export function currentDetails(status: SparkApplicationStatus, parentWorkflowId?: string): string {
  const rows: [string, string | number | undefined][] = [
    ['State', `**${status.state}**${status.stopping === undefined ? '' : ` (being ${status.stopping})`}`],
    ['Problem', status.problem && cell([status.problem.reason, status.problem.message].filter(Boolean).join(': '))],
    ['Queue', status.queue && link(describeQueue(status.queue), admissionWorkflowId(status.queue.name))],
    ['Next attempt', status.nextAttemptAt],
    ['Progress', status.progress && cell(`${describeProgress(status.progress)} (at ${status.progress.observedAt})`)],
    ['Executors', status.executors && cell(describeExecutors(status.executors))],
    ['Attempts', status.attempts],
    ['Cluster', status.cluster],
    ['Driver', status.driverPodName && code(`${status.namespace}/${status.driverPodName}`)],
    ['Part of', parentWorkflowId && link(parentWorkflowId, parentWorkflowId)],
    ['Spark UI', status.sparkUi && address(status.sparkUi)],
    ['Spark application', status.sparkApplicationId && code(status.sparkApplicationId)],
    ['Submitter', status.submitter],
    ['Placement', status.placement && cell(status.placement.reason)],
    ['Warning', status.placement?.warnings && cell(status.placement.warnings.join(' '))],
    ['Submitted', status.submittedAt],
    ['Started', status.startedAt],
    ['Finished', status.finishedAt],
    ['Exit code', status.exitCode],
    ['Reason', status.reason],
    ['Failure class', status.failureClass],
    ['Message', status.message && cell(status.message)],
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
          `| ${[past.attempt, past.state, past.exitCode ?? '', past.reason ?? '', past.finishedAt].join(' | ')} |`,
      ),
  ];
}

/** To a workflow's page; {namespace} is the UI's to fill in. */
function link(text: string, workflowId: string): string {
  return `[${cell(text)}](/namespaces/{namespace}/workflows/${encodeURIComponent(workflowId)})`;
}

function address(url: string): string {
  return /^https?:/.test(url) ? `[${cell(url)}](${encodeURI(url)})` : code(url);
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** One line of at most 300 characters that cannot break out of its table cell. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'");
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
