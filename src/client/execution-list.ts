import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import {
  ApplicationState,
  CAUSE_MEMO,
  factsOfWorkflowId,
  SCHEDULED_SPARK_APPLICATION_WORKFLOW,
  SearchAttribute,
  SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_WORKFLOW,
  sparkApplicationWorkflowId,
  type PipelineState,
  type WorkflowIdFacts,
} from '../protocol/index.ts';
import type { RegisteredAttributes } from './registered-attributes.ts';
import { present } from '../validation/present.ts';

/** What a list contains. */
export const ListedKind = {
  Applications: 'applications',
  Pipelines: 'pipelines',
} as const;
export type ListedKind = (typeof ListedKind)[keyof typeof ListedKind];

export interface ListExecutionsOptions {
  /** @default "applications" */
  readonly kind?: ListedKind;
  /** Namespace of Kubernetes. @default all */
  readonly namespace?: string;
  /** @default all */
  readonly states?: readonly (ApplicationState | PipelineState)[];
  /** Started at that time or later. @default as long as Temporal remembers */
  readonly since?: Date;
  /** @default 100 */
  readonly limit?: number;
  /** The applications of pipelines too, and the pipelines that are stages of others. @default true */
  readonly stages?: boolean;
}

/** An application or a run of a pipeline, as Temporal's list has it. */
export interface ListedExecution {
  readonly workflowId: string;
  readonly runId: string;
  /** Absent where only a workflow without search attributes knows it, or where it was terminated. */
  readonly state?: ApplicationState | PipelineState;
  /** Namespace of Kubernetes. */
  readonly namespace?: string;
  /** Of the application; absent of a pipeline. */
  readonly application?: string;
  /** The pipeline it is, or that it is part of. */
  readonly pipeline?: string;
  /** Why an application failed, in one line. */
  readonly cause?: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly workflowStatus: string;
  readonly startTime: Date;
  readonly closeTime?: Date;
}

export interface ExecutionList {
  readonly executions: readonly ListedExecution[];
  /** There are more than the limit. */
  readonly more: boolean;
  /**
   * Whether the search attributes are registered. Without them namespaces and names come from workflow ids, and states
   * from Temporal's own: a workflow under way counts as RUNNING.
   */
  readonly searchAttributes: boolean;
}

/** The list needs search attributes. */
export class SearchAttributesMissingError extends Error {
  override readonly name = 'SearchAttributesMissingError';
}

const types: Readonly<Record<ListedKind, readonly string[]>> = {
  applications: [SPARK_APPLICATION_WORKFLOW, SCHEDULED_SPARK_APPLICATION_WORKFLOW],
  pipelines: [SPARK_PIPELINE_WORKFLOW],
};

/** The states in which a workflow may end, with Temporal's status. */
const finalStatuses: Readonly<Record<string, string>> = {
  [ApplicationState.Completed]: 'Completed',
  [ApplicationState.Failed]: 'Failed',
  [ApplicationState.Cancelled]: 'Canceled',
};

/** @throws SearchAttributesMissingError for pipelines of a namespace, where the attributes are not registered */
export function listExecutions(
  client: Client,
  attributes: RegisteredAttributes,
  options: ListExecutionsOptions,
): Promise<ExecutionList> {
  const { limit = 100, stages = true } = options;
  return attributes.use(async (registered) => {
    const executions: ListedExecution[] = [];
    const query = listQuery(options, registered);
    for await (const info of client.workflow.list({ query, pageSize: Math.min(limit + 1, 1000) })) {
      if (!stages && isStage(info)) continue;
      if (executions.length === limit) return { executions, more: true, searchAttributes: registered };
      executions.push(listedExecution(info));
    }
    return { executions, more: false, searchAttributes: registered };
  });
}

/** In the language of Temporal's visibility. */
export function listQuery(
  { kind = ListedKind.Applications, namespace, states = [], since, stages = true }: ListExecutionsOptions,
  registered: boolean,
): string {
  const clauses = [`WorkflowType IN (${types[kind].map(quoted).join(', ')})`, `ExecutionStatus != 'ContinuedAsNew'`];
  if (namespace !== undefined) clauses.push(ofNamespace(kind, namespace, registered));
  if (states.length > 0) clauses.push(anyOf(states.map((state) => inState(state, registered))));
  if (since !== undefined) clauses.push(`StartTime >= ${quoted(since.toISOString())}`);
  // Pipelines in pipelines are found by their memo only.
  if (!stages && registered && kind === ListedKind.Applications) clauses.push(`${Pipeline} IS NULL`);
  // Names the attributes even without a condition on them: the answer has them only if they are registered.
  if (registered) clauses.push(anyOf([`${State} IS NULL`, `${State} IS NOT NULL`]));
  return clauses.join(' AND ');
}

const State = SearchAttribute.State.name;
const Namespace = SearchAttribute.Namespace.name;
const Pipeline = SearchAttribute.Pipeline.name;

function ofNamespace(kind: ListedKind, namespace: string, registered: boolean): string {
  const byId = `WorkflowId STARTS_WITH ${quoted(sparkApplicationWorkflowId(namespace, ''))}`;
  const byAttribute = `${Namespace} = ${quoted(namespace)}`;
  if (kind === ListedKind.Applications) {
    return registered ? anyOf([byAttribute, `(${Namespace} IS NULL AND ${byId})`]) : byId;
  }
  if (registered) return byAttribute;
  throw new SearchAttributesMissingError(
    'Cannot list pipelines by namespace: the search attributes are not registered; register them with  temporal-spark setup',
  );
}

function inState(state: string, registered: boolean): string {
  const final = finalStatuses[state];
  const status = `ExecutionStatus = '${final ?? 'Running'}'`;
  if (!registered) return status;
  const asked = `${State} = ${quoted(state)}`;
  // A terminated workflow stays in the state it was in.
  if (final === undefined) return `(${asked} AND ${status})`;
  // One that was refused at once had no time to set it.
  const unsaid =
    state === ApplicationState.Failed ? `(${State} IS NULL OR ${State} IN ('NEW', 'RUNNING'))` : `${State} IS NULL`;
  return anyOf([asked, `(${status} AND ${unsaid})`]);
}

function anyOf(clauses: readonly string[]): string {
  return `(${clauses.join(' OR ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

type ExecutionInfo = Omit<WorkflowExecutionInfo, 'raw'>;

/** As the list has it. */
export function listedExecution(info: ExecutionInfo): ListedExecution {
  const { workflowId, runId, typedSearchAttributes, memo, startTime, closeTime } = info;
  const attributes = {
    namespace: typedSearchAttributes.get(SearchAttribute.Namespace),
    application: typedSearchAttributes.get(SearchAttribute.ApplicationName),
    pipeline: typedSearchAttributes.get(SearchAttribute.Pipeline),
  };
  const state = stateOf(typedSearchAttributes.get(SearchAttribute.State), info.status.name);
  const remembered = info.status.name === 'FAILED' ? memo?.[CAUSE_MEMO] : undefined;
  const cause = typeof remembered === 'string' ? remembered : undefined;
  return {
    workflowId,
    runId,
    ...factsOfId(info),
    ...present({ ...attributes, state, cause }),
    workflowStatus: info.status.name,
    startTime,
    ...present({ closeTime }),
  };
}

function stateOf(attribute: string | undefined, status: string): ListedExecution['state'] {
  // Temporal's words for the ends are ours; an application that was killed is CANCELLED, and a workflow that failed.
  const ended = status in finalStatuses ? status : undefined;
  const state = status === 'RUNNING' || (attribute ?? '') in finalStatuses ? attribute : ended;
  return state as ListedExecution['state'];
}

/** A child of a pipeline. */
const isStage = ({ workflowId, memo }: WorkflowExecutionInfo): boolean =>
  memo?.['stage'] !== undefined || (workflowId.startsWith('pipeline/') && workflowId.split('/').length > 4);

/** A pipeline may have been started under an id that looks like an application's. */
function factsOfId({ workflowId, type, memo }: ExecutionInfo): WorkflowIdFacts {
  const facts = factsOfWorkflowId(workflowId, memo);
  return facts.application !== undefined && type === SPARK_PIPELINE_WORKFLOW ? {} : facts;
}
