import { utf8ToBytes } from '@noble/hashes/utils.js';
import {
  describeStageReason,
  StageState,
  stageWorkflowId,
  type SparkPipelineStatus,
  type StageStatus,
} from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { panel, time, took, wrappingCode } from '../markdown.ts';

/** Stages shown at most. */
const MAX_ROWS = 15;
/** Temporal's UI asks for the whole text in a URL, which must stay under 4 KB. */
const MAX_BYTES = 3780;

/** Characters of a note. */
const LIMIT = 80;
/** Characters of a reason and a cause. */
const WHY_LIMIT = 240;

const ORDER: readonly StageState[] = [
  StageState.Running,
  StageState.Failed,
  StageState.Cancelled,
  StageState.Pending,
  StageState.Succeeded,
  StageState.Skipped,
];

/** A pipeline's stages as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown). */
export function pipelineDetails(status: SparkPipelineStatus, workflowId: string): string {
  const { stages, state, note } = status;
  const counts = ORDER.flatMap((each) => {
    const count = stages.filter((stage) => stage.state === each).length;
    return count === 0 ? [] : [`${count} ${each.toLowerCase()}`];
  });
  const head = [
    `**${state}**${note === undefined ? '' : ` (${wrappingCode(note, LIMIT)})`} · ${counts.join(', ')}`,
    '',
    '| Stage | State | Time | Details |',
    '|---|---|---|---|',
  ];
  const all = fitting(stages, workflowId, head);
  const byState = () => [...stages].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const rows = all.length === stages.length ? all : fitting(byState(), workflowId, head);
  const rest = stages.length - rows.length;
  return panel([...head, ...rows, ...(rest === 0 ? [] : ['', `and ${rest} more`])]);
}

/** The rows of the first stages, as many as there is room for. */
function fitting(stages: readonly StageStatus[], workflowId: string, head: readonly string[]): string[] {
  let left = MAX_BYTES - utf8ToBytes(head.join('\n')).length;
  const rows: string[] = [];
  for (const stage of stages.slice(0, MAX_ROWS)) {
    const next = row(stage, workflowId);
    left -= utf8ToBytes(next).length + 1;
    if (left < 0) break;
    rows.push(next);
  }
  return rows;
}

function row(stage: StageStatus, workflowId: string): string {
  const { name, state, startedAt, finishedAt, items, attempts = 0, kept, reason, message, waitingFor } = stage;
  const why = describeStageReason(present({ reason, message: state === StageState.Failed ? message : undefined }));
  const remarks = [
    items && `${items.succeeded} of ${items.total}${items.failed === 0 ? '' : `, ${items.failed} failed`}`,
    attempts > 1 && items === undefined ? `try ${attempts}` : undefined,
    kept === true ? 'result of an earlier run' : undefined,
    waitingFor && `waits for ${waitingFor}`,
    why !== '' && wrappingCode(why, WHY_LIMIT),
  ];
  // {namespace} is the UI's to fill in.
  const child = stageWorkflowId(workflowId, name);
  const path = items === undefined ? `/${encodeURIComponent(child)}` : `?query=${encodeURIComponent(itemsOf(child))}`;
  // A stage that has not started, or was kept, has no child.
  const linked = attempts > 0 ? `[${name}](/namespaces/{namespace}/workflows${path})` : name;
  return `| ${linked} | ${state} | ${when(startedAt, finishedAt)} | ${remarks.filter(Boolean).join('; ')} |`;
}

/** The children of a fan-out, as Temporal's list filters. */
const itemsOf = (child: string): string => `WorkflowId STARTS_WITH "${child}/"`;

/** This is rendered when something changes: a duration would be wrong a moment later. */
function when(startedAt: string | undefined, finishedAt: string | undefined): string {
  if (startedAt === undefined) return '';
  return finishedAt === undefined ? `since ${time(startedAt)}` : took(startedAt, finishedAt);
}
