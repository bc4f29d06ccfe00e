import type { ListedExecution, ListedKind } from '../../client/index.ts';
import { durationMs } from '../../validation/duration.ts';
import { ApplicationState, PipelineState } from '../../protocol/index.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { table } from '../output/table.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';

export interface ListCommandOptions extends TemporalOptions {
  readonly kubeNamespace?: string;
  readonly state?: readonly string[];
  readonly since?: string;
  readonly limit: number;
  readonly output: 'table' | 'json';
}

const states: Readonly<Record<ListedKind, readonly (ApplicationState | PipelineState)[]>> = {
  // SUCCEEDING passes too soon to be found.
  applications: Object.values(ApplicationState).filter((state) => state !== ApplicationState.Succeeding),
  pipelines: Object.values(PipelineState),
};

/** Lists applications or runs of pipelines, by search attributes where they are registered. */
export async function list(kind: ListedKind, options: ListCommandOptions): Promise<ExitCode> {
  const { kubeNamespace, state = [], since, limit, output } = options;
  const asked = {
    kind,
    limit,
    states: state.map((text) => stateOf(kind, text)),
    ...(kubeNamespace === undefined ? {} : { namespace: kubeNamespace }),
    ...(since === undefined ? {} : { since: timeOf(since) }),
  };
  return withTemporal(options, async ({ spark }) => {
    const found = await spark.list(asked);
    console.log(output === 'json' ? JSON.stringify(found.executions) : text(kind, found.executions));
    // Beside the answer, so that a program reads only that.
    if (found.more) console.error(`There are more: --limit is ${limit}.`);
    if (!found.searchAttributes) {
      console.error(
        'Without search attributes (register them with  temporal-spark setup) states are those of workflows, and names come from their ids.',
      );
    }
    return ExitCode.Ok;
  });
}

function text(kind: ListedKind, executions: readonly ListedExecution[]): string {
  if (executions.length === 0) return `There are no such ${kind}.`;
  return table(
    ['STATE', 'NAMESPACE', kind === 'applications' ? 'APPLICATION' : 'PIPELINE', 'STARTED', 'TOOK', 'WORKFLOW'],
    executions.map(({ state, workflowStatus, namespace, application, pipeline, startTime, closeTime, workflowId }) => [
      state ?? workflowStatus.toLowerCase(),
      namespace ?? '',
      (kind === 'applications' ? application : pipeline) ?? '',
      startTime.toISOString().replace(/\.\d+Z$/, 'Z'),
      closeTime === undefined ? '' : took(closeTime.getTime() - startTime.getTime()),
      workflowId,
    ]),
  );
}

function took(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function stateOf(kind: ListedKind, text: string): ApplicationState | PipelineState {
  const found = states[kind].find((state) => state === text.toUpperCase());
  if (found !== undefined) return found;
  throw new CliError(ExitCode.BadInput, `--state ${text} is no state of ${kind}: ${states[kind].join(', ')}.`);
}

function timeOf(text: string): Date {
  const ago = durationMs(text);
  const time = ago === undefined ? new Date(text) : new Date(Date.now() - ago);
  if (!Number.isNaN(time.getTime())) return time;
  throw new CliError(
    ExitCode.BadInput,
    `--since ${text} is neither a duration nor a time: write 90m, 24h, 2026-11-20 or 2026-11-20T03:00:00Z.`,
  );
}
