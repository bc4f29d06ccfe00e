import { Argument, Option, type Command } from 'commander';
import type { ListedExecution, ListedKind } from '../../client/index.ts';
import type { ApplicationState, PipelineState } from '../../protocol/index.ts';
import { durationMs } from '../../validation/duration.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { addTemporalFlags, repeated, wholeNumber, type CommandContext, type TemporalFlags } from '../flags.ts';
import { withTemporal } from '../temporal.ts';
import { present } from '../../validation/present.ts';

interface ListFlags extends TemporalFlags {
  readonly kubeNamespace?: string;
  readonly state?: readonly string[];
  readonly since?: string;
  readonly limit: number;
  readonly output: 'table' | 'json';
}

export function declareList(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('list'))
    .summary('List applications or pipeline runs')
    .description('List applications or pipeline runs: running ones first, then the most recent')
    .addArgument(new Argument('[what]', 'What to list').choices(['applications', 'pipelines']).default('applications'))
    .option('--kube-namespace <name>', 'Only those of this Kubernetes namespace')
    .option('--state <state>', 'Only those in this state, such as RUNNING; may be repeated', repeated)
    .option('--since <when>', 'Only those started since: a duration such as 90m or 24h, or a time such as 2026-11-20')
    .option('--limit <n>', 'Maximum number of rows', wholeNumber(), 100)
    .addOption(new Option('-o, --output <format>', 'Output format').choices(['table', 'json']).default('table'))
    .action(async (what: ListedKind, flags: ListFlags) => end(await list(what, flags)));
}

/** Lists by search attributes where they are registered. */
async function list(kind: ListedKind, flags: ListFlags): Promise<ExitCode> {
  const { kubeNamespace, state = [], since, limit, output } = flags;
  const states = await statesOf(kind);
  const asked = {
    kind,
    limit,
    states: state.map((text) => stateOf(kind, text, states)),
    ...present({ namespace: kubeNamespace }),
    ...(since === undefined ? {} : { since: timeOf(since) }),
  };
  return withTemporal(flags, async ({ spark }) => {
    const found = await spark.list(asked);
    console.log(output === 'json' ? JSON.stringify(found.executions) : text(kind, found.executions));
    // On standard error, so that a program reads only the answer.
    if (found.more) console.error(`More ${kind} exist: raise --limit (now ${limit}) to see them.`);
    if (!found.searchAttributes) {
      console.error(
        'Search attributes are not registered: states are those of the workflows and names come from workflow ids. To register them: temporal-spark setup',
      );
    }
    return ExitCode.Ok;
  });
}

async function statesOf(kind: ListedKind): Promise<readonly (ApplicationState | PipelineState)[]> {
  const protocol = await import('../../protocol/index.ts');
  if (kind === 'pipelines') return Object.values(protocol.PipelineState);
  // SUCCEEDING passes too soon to be found.
  return Object.values(protocol.ApplicationState).filter((state) => state !== protocol.ApplicationState.Succeeding);
}

function text(kind: ListedKind, executions: readonly ListedExecution[]): string {
  if (executions.length === 0) return `No ${kind} found.`;
  const hasCause = executions.some(({ cause }) => cause !== undefined);
  const heading = ['STATE', 'NAMESPACE', kind === 'applications' ? 'APPLICATION' : 'PIPELINE', 'STARTED', 'TOOK'];
  const lines = table(
    [...heading, 'WORKFLOW', ...(hasCause ? ['CAUSE'] : [])],
    executions.map(
      ({ state, workflowStatus, namespace, application, pipeline, startTime, closeTime, workflowId, cause }) => [
        state ?? workflowStatus.toLowerCase(),
        namespace ?? '',
        (kind === 'applications' ? application : pipeline) ?? '',
        startTime.toISOString().replace(/\.\d+Z$/, 'Z'),
        closeTime === undefined ? '' : took(closeTime.getTime() - startTime.getTime()),
        workflowId,
        ...(hasCause ? [cause ?? ''] : []),
      ],
    ),
  );
  return hasCause ? fitting(lines, process.stdout.columns) : lines;
}

/** Lines cut to the width of the terminal, if it is one. */
function fitting(lines: string, columns: number | undefined): string {
  if (columns === undefined) return lines;
  const cut = (line: string): string => (line.length <= columns ? line : `${line.slice(0, columns - 1)}…`);
  return lines.split('\n').map(cut).join('\n');
}

function took(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function stateOf<State extends string>(kind: ListedKind, text: string, states: readonly State[]): State {
  const found = states.find((state) => state === text.toUpperCase());
  if (found !== undefined) return found;
  throw new CliError(ExitCode.BadInput, `--state ${text} is not a state of ${kind}; known: ${states.join(', ')}.`);
}

function timeOf(text: string): Date {
  const ago = durationMs(text);
  const time = ago === undefined ? new Date(text) : new Date(Date.now() - ago);
  if (!Number.isNaN(time.getTime())) return time;
  throw new CliError(
    ExitCode.BadInput,
    `--since ${text} is neither a duration nor a time; write 90m, 24h, 2026-11-20 or 2026-11-20T03:00:00Z.`,
  );
}

/** Rows below a heading, each column as wide as its widest cell. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
