import type { ListedExecution } from '../../../client/index.ts';
import { withColour } from '../../output/colour.ts';
import { fitted, table } from '../../output/table.ts';
import { shortTime } from '../../output/times.ts';
import { shortDuration } from '../../../validation/duration.ts';
import type { ExecutionDetails } from './execution-details.ts';

export interface ListView {
  readonly executions: readonly ListedExecution[];
  readonly isWide: boolean;
  /** Of executions, in their order, for the wide table. */
  readonly details: readonly ExecutionDetails[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function listTable({ executions, isWide, details = [], now }: ListView): string {
  const hasCause = executions.some(({ cause }) => cause !== undefined);
  const wide = isWide ? ['ATTEMPTS', 'EXIT', 'REASON', 'STARTED', 'WORKFLOW', 'RUN'] : [];
  const columns = ['STATE', 'NAMESPACE', 'NAME', 'AGE', 'TOOK', ...wide, ...(hasCause ? ['CAUSE'] : [])];
  const rows = executions.map((execution, index) => [
    ...narrowRow(execution, now),
    ...(isWide ? wideCells(execution, details[index]) : []),
    ...(hasCause ? [execution.cause ?? ''] : []),
  ]);
  const [first = '', ...lines] = table(columns, rows).map(fitted);
  return [first, ...lines.map((line, index) => withColour(line, stateOf(executions[index]!)))].join('\n');
}

/** Temporal's status where the workflow recorded no state, such as TERMINATED. */
const stateOf = ({ state, workflowStatus }: ListedExecution): string => state ?? workflowStatus;

function narrowRow(execution: ListedExecution, now: number): string[] {
  const { namespace, startTime, closeTime } = execution;
  return [
    stateOf(execution),
    namespace ?? '',
    nameOf(execution),
    shortDuration(now - startTime.getTime()),
    shortDuration((closeTime?.getTime() ?? now) - startTime.getTime()),
  ];
}

/** What commands take as its name, with `-n NAMESPACE`. */
function nameOf({ workflowId, namespace }: ListedExecution): string {
  const prefix = ['spark', 'pipeline']
    .map((kind) => `${kind}/${namespace}/`)
    .find((each) => workflowId.startsWith(each));
  return prefix === undefined ? workflowId : workflowId.slice(prefix.length);
}

function wideCells({ startTime, workflowId, runId }: ListedExecution, details: ExecutionDetails = {}): string[] {
  const { attempts = '', exitCode = '', reason = '' } = details;
  return [String(attempts), String(exitCode), reason, shortTime(startTime), workflowId, runId];
}
