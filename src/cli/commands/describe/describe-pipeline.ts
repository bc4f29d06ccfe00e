import type { Client } from '@temporalio/client';
import type { LiveSparkDriver, SparkClient } from '../../../client/index.ts';
import {
  describeProgress,
  StageState,
  stageWorkflowId,
  type SparkPipelineStatus,
  type StageStatus,
} from '../../../protocol/index.ts';
import type { Picture } from './watch.ts';

/** Drivers whose progress is read. */
const LIVE_STAGES = 10;

/** The state of a pipeline run, stage by stage, with the progress of running drivers. */
export async function pictureOfPipeline(
  spark: SparkClient,
  client: Client,
  workflowId: string,
  { output }: { readonly output: 'text' | 'json' },
): Promise<Picture> {
  const { status: execution, closeTime } = await client.workflow.getHandle(workflowId).describe();
  const status = await spark.pipelines
    .get(workflowId)
    .status()
    .catch((error: unknown) => {
      if (closeTime === undefined) throw error;
      return undefined;
    });
  if (status === undefined) {
    const picture = { workflowId, workflowStatus: execution.name, closeTime: closeTime!.toISOString() };
    return { text: output === 'json' ? JSON.stringify(picture) : unknown(picture), final: true };
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
    text:
      output === 'json'
        ? JSON.stringify({ ...status, ...(endedAs && { workflowStatus: endedAs }), drivers: live })
        : text(workflowId, status, live, endedAs),
    final: closeTime !== undefined,
  };
}

/** For a workflow that does not answer: it never started, or no worker runs. */
const unknown = ({ workflowId, workflowStatus, closeTime }: Readonly<Record<string, string>>): string =>
  [
    ['Workflow', workflowId],
    ['Workflow status', workflowStatus],
    ['State', 'unknown: it never started, or no worker answered'],
    ['Ended', closeTime],
  ]
    .map(([name = '', value = '']) => `${name.padEnd(18)} ${value}`)
    .join('\n');

function text(
  workflowId: string,
  status: SparkPipelineStatus,
  drivers: Readonly<Record<string, LiveSparkDriver>>,
  endedAs?: string,
): string {
  const { state, note, parameters, scheduleTime, timeZone, startedAt, finishedAt, stages } = status;
  const rows: [string, string | undefined][] = [
    ['Workflow', workflowId],
    ['Workflow status', endedAs],
    [endedAs === undefined ? 'State' : 'Last state', note === undefined ? state : `${state}: ${note}`],
    ['Logical time', timeZone === 'UTC' ? scheduleTime : `${scheduleTime} (days in ${timeZone})`],
    ['Started', startedAt],
    ['Ended', finishedAt],
    ...Object.entries(parameters).map(([name, value]): [string, string] => [
      `Parameter ${name}`,
      JSON.stringify(value),
    ]),
  ];
  const width = Math.max(...stages.map(({ name }) => name.length));
  return [
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(18)} ${value}`])),
    '',
    ...stages.map((stage) =>
      `${stage.name.padEnd(width)}  ${stage.state.padEnd(9)}  ${facts(stage, drivers[stage.name])}`.trimEnd(),
    ),
  ].join('\n');
}

function facts(stage: StageStatus, driver: LiveSparkDriver | undefined): string {
  const { startedAt, finishedAt, items, attempts = 0, waitingFor, kept, reason, message, outputs } = stage;
  const seconds =
    startedAt === undefined
      ? undefined
      : (Date.parse(finishedAt ?? new Date().toISOString()) - Date.parse(startedAt)) / 1000;
  return [
    seconds === undefined ? undefined : `${seconds.toFixed(0)} s`,
    items === undefined ? undefined : `${items.succeeded} of ${items.total} items`,
    attempts > 1 && items === undefined ? `${attempts} attempts` : undefined,
    driver?.progress && describeProgress(driver.progress),
    kept === true ? 'kept from a previous run' : undefined,
    waitingFor === undefined ? undefined : `waiting for ${waitingFor}`,
    reason,
    message?.split('\n', 1)[0],
    outputs === undefined ? undefined : JSON.stringify(outputs).slice(0, 200),
  ]
    .filter((fact) => fact !== undefined)
    .join(', ');
}
