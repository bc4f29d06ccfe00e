import type { SparkApplicationStatus } from './definitions/index.ts';

/** The status as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown, under 2 KB). */
export function currentDetails(status: SparkApplicationStatus): string {
  const rows: [string, string | number | undefined][] = [
    ['State', `**${status.state}**`],
    ['Attempts', status.attempts],
    ['Driver', status.driverPodName && code(`${status.namespace}/${status.driverPodName}`)],
    ['Spark application', status.sparkApplicationId && code(status.sparkApplicationId)],
    ['Submitted', status.submittedAt],
    ['Started', status.startedAt],
    ['Finished', status.finishedAt],
    ['Exit code', status.exitCode],
    ['Reason', status.reason],
    ['Message', status.message && cell(status.message)],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`]));
  return ['| | |', '|---|---|', ...lines].join('\n');
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** One line of at most 300 characters that can't break out of its table cell. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'");
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
