import type { SparkApplicationStatus } from './definitions/index.ts';

/** Together with the rest it stays under 2 KB. */
const ATTEMPTS_SHOWN = 5;

/** The status as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown, under 2 KB). */
export function currentDetails(status: SparkApplicationStatus): string {
  const rows: [string, string | number | undefined][] = [
    ['State', `**${status.state}**`],
    ['Problem', status.problem && cell([status.problem.reason, status.problem.message].filter(Boolean).join(': '))],
    ['Next attempt', status.nextAttemptAt],
    ['Attempts', status.attempts],
    ['Driver', status.driverPodName && code(`${status.namespace}/${status.driverPodName}`)],
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

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** One line of at most 300 characters that can't break out of its table cell. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'");
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
