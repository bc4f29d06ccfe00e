import type { LiveSparkDriver } from '../../../client/index.ts';
import {
  describeProgress,
  describeStageReason,
  PipelineState,
  SPARK_PIPELINE_FAILED,
  StageState,
  stageWorkflowId,
  type SparkPipelineResult,
  type SparkPipelineStatus,
  type StageStatus,
} from '../../../protocol/index.ts';
import { workflowEnd, type WorkflowEnd } from '../../../client/workflow-end.ts';
import { withColour } from '../../output/colour.ts';
import { printable, printableLine } from '../../output/printable.ts';
import { timeAndAge } from '../../output/times.ts';
import { shortDuration } from '../../../validation/duration.ts';
import { present } from '../../../validation/present.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import type { Temporal } from '../../temporal.ts';
import type { LinkFlags } from './application-links.ts';
import type { DescribedState } from './watch.ts';

/** Drivers whose progress is read. */
const LIVE_STAGES = 10;

/** The state of a pipeline run, stage by stage, with the progress of running drivers. */
export async function pictureOfPipeline(
  { spark, client, namespace }: Temporal,
  workflowId: string,
  { uiUrl }: LinkFlags,
): Promise<DescribedState> {
  const workflow = client.workflow.getHandle(workflowId);
  const description = await workflow.describe();
  const { status: execution, closeTime, runId } = description;
  const link = uiUrl === undefined ? undefined : workflowLink(uiUrl, namespace, { workflowId, runId });
  const status = await spark.pipelines
    .get(workflowId)
    .status()
    .catch((error: unknown) => {
      if (closeTime === undefined) throw error;
      return undefined;
    });
  if (status === undefined) {
    const end = await workflowEnd(workflow, description, [SPARK_PIPELINE_FAILED]);
    const ended = { workflowId, workflowStatus: execution.name, closeTime: closeTime!.toISOString(), ...end };
    return { text: (now) => recordedEnd(ended, link, now), document: ended, final: true };
  }
  // A workflow that was terminated, or could not start, has recorded no end.
  const endedAs = closeTime === undefined || status.finishedAt !== undefined ? undefined : execution.name;
  const running = status.stages.filter(({ state, items }) => state === StageState.Running && items === undefined);
  const drivers = await Promise.all(
    running.slice(0, LIVE_STAGES).map(async ({ name }): Promise<[string, LiveSparkDriver | undefined]> => [
      name,
      // A stage that is not an application has no driver.
      await spark.driver(stageWorkflowId(workflowId, name)).catch(() => undefined),
    ]),
  );
  const live = Object.fromEntries(drivers.filter(([, driver]) => driver !== undefined)) as Record<
    string,
    LiveSparkDriver
  >;
  return {
    text: (now) => text({ workflowId, link, status, drivers: live, endedAs, now }),
    document: { ...status, ...(endedAs && { workflowStatus: endedAs }), drivers: live },
    final: closeTime !== undefined,
  };
}

type Row = readonly [name: string, value: string | undefined];

const rowsText = (rows: readonly Row[]): string =>
  printable(rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(18)} ${value}`])).join('\n'));

interface EndedPipeline extends WorkflowEnd {
  readonly workflowId: string;
  readonly workflowStatus: string;
  readonly closeTime: string;
}

/** The end in its history: of a workflow that never started, or that no worker answers for. */
function recordedEnd(
  { workflowId, workflowStatus, closeTime, result: recorded, failure }: EndedPipeline,
  link: string | undefined,
  now: number,
): string {
  const result = recorded as SparkPipelineResult | undefined;
  const state = result?.state ?? workflowStatus;
  const rows: Row[] = [
    ['State', state],
    ['Failure', failure && [failure.type, failure.message].filter(Boolean).join(': ')],
    ['Ended', timeAndAge(closeTime, now)],
    ['Stages', result === undefined ? undefined : counts(result)],
    ...(result?.unsuccessful ?? []).map(({ name, state: how, reason, message }): [string, string] => [
      `Stage ${name}`,
      [how, describeStageReason(present({ reason, message }))].filter(Boolean).join(', '),
    ]),
    ['Temporal UI', link],
    ['Workflow', workflowId],
  ];
  return withColour(rowsText(rows), state);
}

const counts = ({ counts: byState }: SparkPipelineResult): string =>
  Object.entries(byState)
    .map(([state, count]) => `${count} ${state.toLowerCase()}`)
    .join(', ');

interface PipelineView {
  readonly workflowId: string;
  /** Its page in Temporal's UI. */
  readonly link: string | undefined;
  readonly status: SparkPipelineStatus;
  readonly drivers: Readonly<Record<string, LiveSparkDriver>>;
  /** Temporal's status of a workflow that recorded no end. */
  readonly endedAs: string | undefined;
  readonly now: number;
}

function text({ workflowId, link, status, drivers, endedAs, now }: PipelineView): string {
  const { state, note, parameters, scheduleTime, timeZone, startedAt, finishedAt, stages } = status;
  const rows: Row[] = [
    ['State', stateText(state, note, endedAs)],
    ['Logical time', timeZone === 'UTC' ? scheduleTime : `${scheduleTime} (days in ${timeZone})`],
    ['Started', timeAndAge(startedAt, now)],
    ['Ended', finishedAt && timeAndAge(finishedAt, now)],
    ...Object.entries(parameters).map(([name, value]): [string, string] => [
      'Parameter',
      `${name} = ${JSON.stringify(value)}`,
    ]),
    ['Temporal UI', link],
    ['Workflow', workflowId],
  ];
  const width = Math.max(...stages.map(({ name }) => name.length));
  return [
    withColour(rowsText(rows), endedAs ?? state),
    '',
    ...stages.map((stage) =>
      withColour(
        printableLine(
          `${stage.name.padEnd(width)}  ${stage.state.padEnd(9)}  ${facts(stage, drivers[stage.name], now)}`,
        ).trimEnd(),
        stage.state,
      ),
    ),
    ...nextSteps(workflowId, state, stages, endedAs),
  ].join('\n');
}

function stateText(state: string, note: string | undefined, endedAs: string | undefined): string {
  if (endedAs !== undefined) return `${endedAs}, was ${state}`;
  return `${state}${note === undefined ? '' : `: ${note}`}`;
}

/** What to do with a run that failed, or is paused. */
function nextSteps(
  workflowId: string,
  state: PipelineState,
  stages: readonly StageStatus[],
  endedAs: string | undefined,
): string[] {
  if (state === PipelineState.Paused && endedAs === undefined) {
    return ['', `${'To resume it'.padEnd(18)} temporal-spark pipeline resume ${workflowId}`];
  }
  if (endedAs === undefined && state !== PipelineState.Failed && state !== PipelineState.Cancelled) return [];
  const failed = stages.find((stage) => stage.state === StageState.Failed);
  return [
    '',
    ...(failed === undefined
      ? []
      : [`${'To see why'.padEnd(18)} temporal-spark describe ${stageWorkflowId(workflowId, failed.name)}`]),
    `${'To run the rest'.padEnd(18)} temporal-spark pipeline rerun ${workflowId}`,
  ];
}

function facts(stage: StageStatus, driver: LiveSparkDriver | undefined, now: number): string {
  const { startedAt, finishedAt, items, attempts = 0, waitingFor, kept, reason, message, outputs } = stage;
  const end = finishedAt === undefined ? now : Date.parse(finishedAt);
  const took = startedAt === undefined ? undefined : shortDuration(end - Date.parse(startedAt));
  return [
    took,
    items === undefined ? undefined : `${items.succeeded} of ${items.total} items`,
    attempts > 1 && items === undefined ? `${attempts} attempts` : undefined,
    driver?.progress && describeProgress(driver.progress),
    kept === true ? 'kept from a previous run' : undefined,
    waitingFor === undefined ? undefined : `waiting for ${waitingFor}`,
    describeStageReason(present({ reason, message })),
    outputs === undefined ? undefined : JSON.stringify(outputs).slice(0, 200),
  ]
    .filter(Boolean)
    .join(', ');
}
