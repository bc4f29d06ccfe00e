import {
  admissionWorkflowId,
  describeExecutors,
  describeProgress,
  describeQueue,
  remedyOf,
  REQUESTED_ENDS,
  type AttemptSummary,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import { cell, code, panel, time, took, wrappingCode } from '../markdown.ts';

/** Together with the rest it stays under 2 KB. */
const ATTEMPTS_SHOWN = 5;

const WARNINGS_SHOWN = 3;

/** Characters of a cell. */
const LIMIT = 300;

type Row = readonly [name: string, value: string | number | undefined];

export interface OwnWorkflow {
  readonly workflowId: string;
  /** The parent, where it is a stage of a pipeline or the run of a schedule. */
  readonly parent?: { readonly workflowId: string };
}

/** The status as the table that Temporal's UI shows on the workflow's page (GitHub-flavoured markdown, under 2 KB). */
export function currentDetails(status: SparkApplicationStatus, { workflowId, parent }: OwnWorkflow): string {
  const { startedAt, finishedAt, placement } = status;
  const rows: Row[] = [
    ['State', `**${status.state}**${status.stopping === undefined ? '' : ` (being ${status.stopping})`}`],
    ['Cause', status.failure && sentence(status.failure.cause)],
    ['What to do', remedyOf(status.failure)],
    ['Problem', status.problem && sentence([status.problem.reason, status.problem.message].filter(Boolean).join(': '))],
    ['Killed', status.killReason && sentence(status.killReason)],
    ['Queue', status.queue && link(describeQueue(status.queue), admissionWorkflowId(status.queue.name))],
    ['Next attempt', status.nextAttemptAt && time(status.nextAttemptAt)],
    [
      'Progress',
      status.progress && words(`${describeProgress(status.progress)} (at ${time(status.progress.observedAt)})`),
    ],
    ['Executors', status.executors && describeExecutors(status.executors)],
    ['Attempts', status.attempts],
    ['Cluster', status.cluster],
    ['Driver', status.driverPodName && words(`${status.namespace}/${status.driverPodName}`)],
    ['Part of', parent && link(parent.workflowId, parent.workflowId)],
    ['Spark UI', status.sparkUi && address(status.sparkUi)],
    ['Spark application', status.sparkApplicationId && words(status.sparkApplicationId)],
    ['Submitter', status.submitter],
    ['Placement', placement && cell(placement.reason, LIMIT)],
    ...(placement?.warnings ?? []).slice(0, WARNINGS_SHOWN).map((each): Row => ['Warning', cell(each, LIMIT)]),
    ['Submitted', status.submittedAt && time(status.submittedAt)],
    ['Started', startedAt && time(startedAt)],
    ['Finished', finishedAt && time(finishedAt)],
    ['Took', startedAt && finishedAt && took(startedAt, finishedAt)],
    ['Exit code', status.exitCode],
    ['Reason', status.reason && sentence(status.reason)],
    ['Failure class', status.failureClass],
    ['Message', status.message && sentence(status.message)],
    ['In a terminal', ['describe', 'logs'].map((verb) => words(`temporal-spark ${verb} ${workflowId}`)).join(', ')],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`]));
  return panel(['| | |', '|---|---|', ...lines, ...pastAttempts(status)]);
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
      .map((past) => `| ${[past.attempt, ...endOf(past), time(past.finishedAt)].join(' | ')} |`),
  ];
}

/** How an attempt ended, its exit code and its reason: a driver that was stopped on request did not fail. */
function endOf({ state, exitCode, reason }: AttemptSummary): readonly (string | number)[] {
  const requested = REQUESTED_ENDS[state];
  return requested === undefined ? [state, exitCode ?? '', sentence(reason ?? '')] : [requested, '', ''];
}

/** Names and commands. */
const words = (text: string): string => code(text, LIMIT);
/** Those of a driver or a cluster. */
const sentence = (text: string): string => wrappingCode(text, LIMIT);

/** To a workflow's page; {namespace} is the UI's to fill in. */
function link(text: string, workflowId: string): string {
  return `[${cell(text, LIMIT)}](/namespaces/{namespace}/workflows/${encodeURIComponent(workflowId)})`;
}

function address(url: string): string {
  return /^https?:/.test(url) ? `[${cell(url, LIMIT)}](${encodeURI(url)})` : words(url);
}
