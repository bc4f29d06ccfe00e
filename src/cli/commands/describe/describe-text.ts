import type { SparkApplicationDescription } from '../../../client/index.ts';
import {
  ApplicationState,
  describeExecutors,
  describeProgress,
  describeQueue,
  remedyOf,
  REQUESTED_ENDS,
  type AttemptSummary,
  type LogArchiveSummary,
  type ShadowSummary,
  type SparkApplicationStatus,
} from '../../../protocol/index.ts';
import { withColour } from '../../output/colour.ts';
import { printable } from '../../output/printable.ts';
import { helpFor, Symptom, symptomOf } from '../../output/symptom.ts';
import { timeAndAge } from '../../output/times.ts';
import { shortDuration } from '../../../validation/duration.ts';
import { noWorker } from '../../silence.ts';
import type { ApplicationLinks } from './application-links.ts';
import type { DriverEvidence } from './driver-evidence.ts';
import { evidenceSections } from './evidence-text.ts';
import { nextSteps, type Row } from './next-steps.ts';

const WIDTH = 18;

/** What is known, not by Temporal. */
export interface Surroundings {
  readonly evidence?: DriverEvidence | undefined;
  readonly links?: ApplicationLinks;
}

/**
 * An application for people: what it is and why, its attempts, the Events and the log of its driver, then what to do, and
 * its ids at the end.
 */
export function describeText(
  description: SparkApplicationDescription,
  now: number,
  { evidence, links = {} }: Surroundings = {},
): string {
  const sections = [
    stateRows(description).flatMap(line),
    runRows(description, now).flatMap(line),
    attemptRows(description, now).flatMap(line),
    ...(evidence === undefined ? [] : evidenceSections(evidence, now)),
    nextSteps(description).flatMap(line),
    [...linkRows(links), ...idRows(description)].flatMap(line),
  ];
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  // The state is in the first line.
  return withColour(printable(text), description.state ?? '');
}

/** Further lines of a value stand below its first. */
function line([name, value]: Row): string[] {
  if (value === undefined || value === '') return [];
  return [
    `${name.padEnd(WIDTH)} ${String(value)
      .trimEnd()
      .replaceAll('\n', `\n${' '.repeat(WIDTH + 1)}`)}`,
  ];
}

function stateRows(description: SparkApplicationDescription): Row[] {
  const { status, driver, failure, taskQueue, pollers, closeTime, workflowStatus } = description;
  const problem = status?.problem ?? (driver?.reason === undefined ? undefined : { ...driver, reason: driver.reason });
  const isEnd = closeTime !== undefined;
  // The failure of a workflow that recorded a result repeats it.
  const unrecorded = isEnd && description.result === undefined ? failure : undefined;
  return [
    ['State', stateText(description)],
    ['Cause', status?.failure?.cause],
    ...(status?.failure?.frames ?? []).map((frame): Row => ['  at', frame]),
    ['What to do', remedyOf(status?.failure)],
    ['Problem', problem?.reason === status?.reason ? undefined : problem && words(problem)],
    ['Killed', status?.killReason && JSON.stringify(status.killReason)],
    ['Reason', workflowStatus === 'COMPLETED' ? undefined : reasonBeside(status)],
    ['Message', isEnd && description.result === undefined ? undefined : messageBeside(status)],
    ['Failure', unrecorded && words({ reason: unrecorded.type, message: unrecorded.message })],
    ['No answer', isEnd || pollers === undefined ? undefined : silence(pollers, taskQueue)],
    ['Help', help(description)],
  ];
}

/** The states in which an application waits without a problem. */
const waits: Readonly<Partial<Record<string, Symptom>>> = {
  [ApplicationState.Queued]: Symptom.Queued,
  [ApplicationState.PendingRerun]: Symptom.PendingRerun,
};

/** The section about what stands in the way now; of an application that has ended, about its failure. */
function help({ state, status, driver, failure, pollers, closeTime }: SparkApplicationDescription): string | undefined {
  const { reason, problem, failure: cause } = status ?? {};
  const isAsked = state === ApplicationState.Completed || state === ApplicationState.Cancelled;
  if (closeTime !== undefined && isAsked) return undefined;
  const now = pollers === 0 ? Symptom.NoWorker : (symptomOf(problem?.reason, driver?.reason) ?? waits[state ?? '']);
  const symptom = closeTime === undefined ? now : symptomOf(reason, problem?.reason, cause?.kind, failure?.type);
  return symptom && helpFor(symptom);
}

function stateText({ state, status, closeTime, workflowStatus }: SparkApplicationDescription): string {
  const shown = state ?? 'unknown';
  const last = closeTime !== undefined && state !== status?.state ? status?.state : undefined;
  if (last !== undefined) return `${shown}, was ${last}`;
  if (closeTime === undefined && status === undefined && state !== undefined) return `${shown} when last recorded`;
  if (status?.stopping !== undefined && closeTime === undefined) return `${shown}, being ${status.stopping}`;
  return workflowStatus === 'PAUSED' ? `${shown}; its workflow is paused` : shown;
}

const silence = (pollers: number, taskQueue: string): string =>
  pollers === 0 ? noWorker(taskQueue) : `${pollers} workers poll task queue "${taskQueue}", but none answered`;

function runRows({ status, driver, startTime, closeTime, pending }: SparkApplicationDescription, now: number): Row[] {
  const isRunning = closeTime === undefined;
  const progress = isRunning ? (driver?.progress ?? status?.progress) : undefined;
  const executors = driver?.executors ?? status?.executors;
  const ended = status?.finishedAt ?? closeTime?.toISOString();
  const ms = new Date(ended ?? now).getTime() - startTime.getTime();
  return [
    ['Started', timeAndAge(startTime, now)],
    [isRunning ? 'Runs for' : 'Took', shortDuration(ms)],
    ['Ended', closeTime && ended && timeAndAge(ended, now)],
    ['Queue', status?.queue && describeQueue(status.queue)],
    ['Next attempt', isRunning ? status?.nextAttemptAt && timeAndAge(status.nextAttemptAt, now) : undefined],
    ['Driver', status?.driverPodName && `${status.namespace}/${status.driverPodName}`],
    ['Node', driver?.node],
    [isRunning ? 'Executors' : 'Executors at end', executors && describeExecutors(executors)],
    ['Progress', progress && describeProgress(progress)],
    ['Spark UI', status?.sparkUi],
    ['Logs', status?.logArchive && archived(status.logArchive)],
    ['Placement', status?.placement?.reason],
    ...(status?.placement?.warnings ?? []).map((warning): Row => ['Warning', warning]),
    ...pending.map(({ activity, attempt, lastFailure }): Row => [
      'Pending',
      `${activity}${attempt > 1 ? `, attempt ${attempt}` : ''}${lastFailure === undefined ? '' : `: ${lastFailure}`}`,
    ]),
  ];
}

/** Oldest first; the only attempt of an application that has ended is what the rows above describe. */
function attemptRows({ status, closeTime }: SparkApplicationDescription, now: number): Row[] {
  if (status === undefined || status.attempts === 0) return [];
  if (status.attempts === 1 && closeTime !== undefined) return [['Attempts', 1]];
  return [
    ['Attempts', status.attempts],
    ...status.attemptHistory.map((past): Row => [`Attempt ${past.attempt}`, attemptText(past, now)]),
  ];
}

/** One attempt in a line. */
function attemptText(past: AttemptSummary, now: number): string {
  const { state, exitCode, reason, failureClass, cause, startedAt, finishedAt } = past;
  const ranMs = startedAt === undefined ? undefined : Date.parse(finishedAt) - Date.parse(startedAt);
  const how = REQUESTED_ENDS[state] ?? [state, ends(exitCode, reason), failureClass].filter(Boolean).join(', ');
  const ran = ranMs === undefined ? 'did not run' : `after ${shortDuration(ranMs)}`;
  return [how, ran, timeAndAge(finishedAt, now), ...(cause === undefined ? [] : [cause])].join(', ');
}

function archived({ location, complete, problem }: LogArchiveSummary): string {
  return `${location}: ${complete ? 'complete' : `incomplete, ${problem}`}`;
}

const linkRows = ({ temporal, history }: ApplicationLinks): Row[] => [
  ['Temporal UI', temporal],
  ['Spark history', history],
];

function idRows({ workflowId, runId, workflowStatus, status }: SparkApplicationDescription): Row[] {
  return [
    ['Workflow', workflowId],
    ['Run', runId],
    ['Workflow status', workflowStatus],
    ['Spark application', status?.sparkApplicationId],
    ['Submission', status?.submissionId],
    ['Cluster', status?.cluster],
    ['Submitter', status?.submitter],
    ['Shadow', status?.shadow && shadow(status.shadow)],
  ];
}

function ends(exitCode: number | undefined, reason: string | undefined): string | undefined {
  const facts = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason].filter(Boolean);
  return facts.length === 0 ? undefined : facts.join(', ');
}

/** What the cause has not named already. */
function reasonBeside({ failure, exitCode, reason }: Partial<SparkApplicationStatus> = {}): string | undefined {
  const text = ends(exitCode, reason);
  return text !== undefined && failure?.cause.includes(text) === true ? undefined : text;
}

/** Where the cause repeats it, it is not shown. */
function messageBeside({ failure, message = '' }: Partial<SparkApplicationStatus> = {}): string | undefined {
  return failure?.cause.includes(message.trim()) === true ? undefined : message;
}

const words = ({ reason, message }: { readonly reason?: string | undefined; readonly message?: string }): string =>
  [reason, message].filter(Boolean).join(': ');

function shadow({ submitter, result, differences, paths = [], message }: ShadowSummary): string {
  const more = differences === undefined ? message : `${differences}: ${paths.join(', ')}`;
  return `${submitter}: ${result}${more === undefined ? '' : `, ${more}`}`;
}
