import type { SparkPipelineHandle } from '../../client/index.ts';
import type { SparkPipelineStatus, StageStatus } from '../../workflows/definitions/index.ts';
import { ExitCode } from '../exit-code.ts';

/** Prints how a run of a pipeline stands, stage by stage. */
export async function describePipeline(
  pipeline: SparkPipelineHandle,
  { output }: { readonly output: 'text' | 'json' },
): Promise<ExitCode> {
  const status = await pipeline.status();
  console.log(output === 'json' ? JSON.stringify(status) : text(pipeline.workflowId, status));
  return ExitCode.Ok;
}

function text(workflowId: string, status: SparkPipelineStatus): string {
  const { state, note, parameters, scheduleTime, startedAt, finishedAt, stages } = status;
  const rows: [string, string | undefined][] = [
    ['Workflow', workflowId],
    ['State', note === undefined ? state : `${state}: ${note}`],
    ['Logical time', scheduleTime],
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
    ...stages.map((stage) => `${stage.name.padEnd(width)}  ${stage.state.padEnd(9)}  ${facts(stage)}`.trimEnd()),
  ].join('\n');
}

function facts({
  startedAt,
  finishedAt,
  items,
  attempts = 0,
  waitingFor,
  kept,
  reason,
  message,
  outputs,
}: StageStatus): string {
  const seconds =
    startedAt === undefined
      ? undefined
      : (Date.parse(finishedAt ?? new Date().toISOString()) - Date.parse(startedAt)) / 1000;
  return [
    seconds === undefined ? undefined : `${seconds.toFixed(0)} s`,
    items === undefined ? undefined : `${items.succeeded} of ${items.total} items`,
    attempts > 1 && items === undefined ? `${attempts} tries` : undefined,
    kept === true ? 'kept from an earlier run' : undefined,
    waitingFor === undefined ? undefined : `waits for ${waitingFor}`,
    reason,
    message?.split('\n', 1)[0],
    outputs === undefined ? undefined : JSON.stringify(outputs).slice(0, 200),
  ]
    .filter((fact) => fact !== undefined)
    .join(', ');
}
