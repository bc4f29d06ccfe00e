import type { ListedExecution, ListedKind, SparkClient } from '../../../client/index.ts';
import { withColour } from '../../output/colour.ts';
import { fitted, table } from '../../output/table.ts';
import { shortTime } from '../../output/times.ts';
import { shortDuration } from '../../../validation/duration.ts';

/** Applications whose ends are read at once. */
const CONCURRENT = 16;

/** What a list does not have. */
export interface ExecutionDetails {
  readonly attempts?: number;
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface ListView {
  readonly kind: ListedKind;
  readonly executions: readonly ListedExecution[];
  readonly isWide: boolean;
  /** Of each execution, for the wide table. */
  readonly details: readonly ExecutionDetails[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function listTable({ kind, executions, isWide, details = [], now }: ListView): string {
  const heading = ['STATE', 'NAMESPACE', kind === 'applications' ? 'APPLICATION' : 'PIPELINE', 'AGE', 'TOOK'];
  const wide = isWide ? ['ATTEMPTS', 'EXIT', 'REASON', 'STARTED', 'RUN'] : [];
  const hasCause = executions.some(({ cause }) => cause !== undefined);
  const rows = executions.map((execution, index) => [
    ...narrowRow(kind, execution, now),
    ...(isWide ? wideCells(execution, details[index]) : []),
    execution.workflowId,
    ...(hasCause ? [execution.cause ?? ''] : []),
  ]);
  const columns = [...heading, ...wide, 'WORKFLOW', ...(hasCause ? ['CAUSE'] : [])];
  const [first = '', ...lines] = table(columns, rows).map(fitted);
  return [first, ...lines.map((line, index) => withColour(line, stateOf(executions[index]!)))].join('\n');
}

/** Temporal's status where the workflow recorded no state, such as TERMINATED. */
const stateOf = ({ state, workflowStatus }: ListedExecution): string => state ?? workflowStatus;

function narrowRow(kind: ListedKind, execution: ListedExecution, now: number): string[] {
  const { namespace = '', application = '', pipeline = '', startTime, closeTime } = execution;
  return [
    stateOf(execution),
    namespace,
    kind === 'applications' ? application : pipeline,
    shortDuration(now - startTime.getTime()),
    shortDuration((closeTime?.getTime() ?? now) - startTime.getTime()),
  ];
}

function wideCells({ startTime, runId }: ListedExecution, details: ExecutionDetails = {}): string[] {
  const { attempts = '', exitCode = '', reason = '' } = details;
  return [String(attempts), String(exitCode), reason, shortTime(startTime), runId];
}

/** Reads attempts, exit codes and reasons of applications. */
export async function detailsOf(
  spark: SparkClient,
  executions: readonly ListedExecution[],
): Promise<readonly ExecutionDetails[]> {
  const details: ExecutionDetails[] = [];
  for (let start = 0; start < executions.length; start += CONCURRENT) {
    const part = executions.slice(start, start + CONCURRENT);
    details.push(...(await Promise.all(part.map((execution) => detailOf(spark, execution)))));
  }
  return details;
}

/** Of the newest run of the id; nothing of an older one. */
async function detailOf(spark: SparkClient, { workflowId, runId }: ListedExecution): Promise<ExecutionDetails> {
  try {
    const { status, failure, ...description } = await spark.describe(workflowId);
    if (description.runId !== runId) return {};
    return status ?? (failure?.type === undefined ? {} : { reason: failure.type });
  } catch {
    return {};
  }
}
