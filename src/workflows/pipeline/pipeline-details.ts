import { StageState, type SparkPipelineStatus, type StageStatus } from '../definitions/index.ts';
import { stageWorkflowId } from '../definitions/index.ts';

/** Stages shown; Temporal's UI asks for the whole text in a URL, so it has to stay under 4 KB. */
const MAX_ROWS = 15;

const ORDER: readonly StageState[] = [
  StageState.Running,
  StageState.Failed,
  StageState.Cancelled,
  StageState.Pending,
  StageState.Succeeded,
  StageState.Skipped,
];

/** A pipeline's stages as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown). */
export function pipelineDetails(status: SparkPipelineStatus, workflowId: string, now: number): string {
  const { stages, state, note } = status;
  const counts = ORDER.flatMap((each) => {
    const count = stages.filter((stage) => stage.state === each).length;
    return count === 0 ? [] : [`${count} ${each.toLowerCase()}`];
  });
  const shown =
    stages.length <= MAX_ROWS
      ? stages
      : [...stages].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)).slice(0, MAX_ROWS);
  const rest = stages.length - shown.length;
  return [
    `**${state}**${note === undefined ? '' : ` (${cell(note)})`} · ${counts.join(', ')}`,
    '',
    '| Stage | State | Time | |',
    '|---|---|---|---|',
    ...shown.map((stage) => row(stage, workflowId, now)),
    ...(rest === 0 ? [] : ['', `and ${rest} more`]),
  ].join('\n');
}

function row(stage: StageStatus, workflowId: string, now: number): string {
  const { name, state, startedAt, finishedAt, items, attempts = 0, reason, waitingFor } = stage;
  const seconds =
    startedAt === undefined
      ? undefined
      : ((finishedAt === undefined ? now : Date.parse(finishedAt)) - Date.parse(startedAt)) / 1000;
  const remarks = [
    items && `${items.succeeded}/${items.total}${items.failed === 0 ? '' : `, ${items.failed} failed`}`,
    attempts > 1 && items === undefined ? `try ${attempts}` : undefined,
    waitingFor && `waits for ${waitingFor}`,
    reason,
  ];
  // {namespace} is the UI's to fill in.
  const link = `/namespaces/{namespace}/workflows/${encodeURIComponent(stageWorkflowId(workflowId, name))}`;
  const linked = attempts > 0 && items === undefined ? `[${name}](${link})` : name;
  return `| ${linked} | ${state} | ${seconds === undefined ? '' : duration(seconds)} | ${cell(remarks.filter(Boolean).join('; '))} |`;
}

function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** One short line that can't break out of its table cell. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'");
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}
