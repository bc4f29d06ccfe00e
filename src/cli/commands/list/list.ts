import { setFlagsFromString } from 'node:v8';
import type { ExecutionList, ListedExecution, ListedKind } from '../../../client/index.ts';
import { ApplicationState, PipelineState } from '../../../protocol/index.ts';
import { didYouMean } from '../../../validation/closest.ts';
import { durationMs } from '../../../validation/duration.ts';
import { present } from '../../../validation/present.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { shortName } from '../../find-execution.ts';
import type { NamespaceFlags, TemporalFlags } from '../../flags.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { watch } from '../describe/watch.ts';
import { detailsOf } from './execution-details.ts';
import { listTable } from './list-table.ts';

export interface ListFlags extends TemporalFlags, NamespaceFlags {
  readonly state?: readonly string[];
  readonly since?: string;
  readonly limit: number;
  readonly stages: boolean;
  readonly watch: boolean;
  readonly output: 'table' | 'wide' | 'name' | 'yaml' | 'json';
}

/** Lists by search attributes where they are registered. */
export async function list(kind: ListedKind, flags: ListFlags): Promise<ExitCode> {
  const { namespace, state = [], since, limit, stages } = flags;
  const states = statesOf(kind);
  const asked = {
    kind,
    limit,
    stages,
    states: state.map((text) => stateOf(kind, text, states)),
    ...present({ namespace }),
    ...(since === undefined ? {} : { since: timeOf(since) }),
  };
  // A long list is mostly objects that live for one page. V8 would let them grow its new space by some 90 MiB.
  setFlagsFromString('--semi-space-growth-factor=1');
  return withTemporal(flags, async (temporal) => {
    if (flags.watch) {
      await watch(async () => ({
        text: await textOf(temporal, kind, await temporal.spark.list(asked), flags.output),
        final: false,
      }));
    }
    const found = await temporal.spark.list(asked);
    const text = (await textOf(temporal, kind, found, flags.output))(Date.now());
    if (text !== '') console.log(text);
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

async function textOf(
  { spark }: Temporal,
  kind: ListedKind,
  { executions }: ExecutionList,
  output: ListFlags['output'],
): Promise<(now: number) => string> {
  switch (output) {
    case 'json':
      return () => JSON.stringify(executions);
    case 'yaml': {
      const { stringify } = await import('yaml');
      return () => stringify(plain(executions)).trimEnd();
    }
    case 'name':
      return () => executions.map(({ workflowId }) => shortName(workflowId)).join('\n');
    case 'table':
    case 'wide': {
      if (executions.length === 0) return () => `No ${kind} found.`;
      const isRead = output === 'wide' && kind === 'applications';
      const details = isRead ? await detailsOf(spark, executions) : undefined;
      if (details !== undefined && details.length < executions.length) {
        console.error(
          `The last ${executions.length - details.length} rows lack attempts, exit and reason: too slow to read.`,
        );
      }
      return (now) => listTable({ executions, isWide: output === 'wide', details, now });
    }
    default:
      return output satisfies never;
  }
}

/** Dates as texts, as in JSON. */
const plain = (executions: readonly ListedExecution[]): unknown => JSON.parse(JSON.stringify(executions));

function statesOf(kind: ListedKind): readonly (ApplicationState | PipelineState)[] {
  if (kind === 'pipelines') return Object.values(PipelineState);
  // SUCCEEDING passes too soon to be found.
  return Object.values(ApplicationState).filter((state) => state !== ApplicationState.Succeeding);
}

function stateOf<State extends string>(kind: ListedKind, text: string, states: readonly State[]): State {
  const found = states.find((state) => state === text.toUpperCase());
  if (found !== undefined) return found;
  const suggestion = didYouMean(text, states);
  throw new CliError(
    ExitCode.BadInput,
    `--state ${text} is not a state of ${kind}; ${suggestion ?? `known: ${states.join(', ')}.`}`,
  );
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
