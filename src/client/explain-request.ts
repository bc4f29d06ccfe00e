import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../protocol/index.ts';
import { pollersOf } from './pollers.ts';
import { isOpen, workflowEnd } from './workflow-end.ts';

/** Why a request was not accepted; nothing was changed, except perhaps without an answer. */
export const RequestErrorType = {
  /** It is not possible in the current state; the message lists the allowed requests. */
  RequestRefused: FailureType.RequestRefused,
  /** A new manifest has problems. */
  InvalidManifest: FailureType.InvalidManifest,
  /** Its workflow does not exist. */
  NotFound: 'NotFound',
  /** It has ended; the message has its final state. */
  Ended: 'Ended',
  /** No worker accepted it in time. It may still be accepted: read the status before trying again. */
  NoAnswer: 'NoAnswer',
} as const;
export type RequestErrorType = (typeof RequestErrorType)[keyof typeof RequestErrorType];

/** A request that was not accepted; nothing was changed, except perhaps without an answer. */
export class RequestError extends Error {
  readonly type: RequestErrorType;
  readonly workflowId: string;

  constructor(type: RequestErrorType, workflowId: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
    this.workflowId = workflowId;
  }
}

/** A request that was sent. */
export interface SentRequest {
  readonly client: Client;
  readonly workflow: WorkflowHandle;
  /** Such as `suspend`: an infinitive. */
  readonly verb: string;
  readonly timeoutMs: number;
  /** The error of such a request. */
  readonly Rejection: new (...args: ConstructorParameters<typeof RequestError>) => RequestError;
}

/** Sends a request. @throws a `Rejection` where it was not accepted */
export async function explained<R>(sent: SentRequest, send: () => Promise<R>): Promise<R> {
  try {
    return await send();
  } catch (error) {
    const problem = await explainRequest(sent, error);
    if (problem === undefined) throw error;
    throw new sent.Rejection(problem.type, sent.workflow.workflowId, problem.message, error);
  }
}

/** Sends Temporal's cancel, which is recorded even without a worker. @throws a `Rejection` where it has ended */
export function cancelOpen(sent: SentRequest): Promise<void> {
  return explained(sent, async () => {
    // Temporal accepts the cancel of a workflow that has ended.
    const ended = await describeEnd(sent);
    if (ended !== undefined) throw new sent.Rejection(RequestErrorType.Ended, sent.workflow.workflowId, ended);
    await sent.workflow.cancel();
  });
}

/** The gRPC status. */
const DEADLINE_EXCEEDED = 4;
/** As grpc-js reports a call that the server reset: it passes its deadline there a moment before it does here. */
const RESET = { code: 1, details: 'Call cancelled' };
/** FAILED_PRECONDITION: no worker has polled the task queue for a while; Temporal does not wait with a query then. */
const NO_POLLER = 9;

/** Why a request failed; undefined for errors that do not concern the workflow or its workers. */
async function explainRequest(
  sent: SentRequest,
  error: unknown,
): Promise<{ readonly type: RequestErrorType; readonly message: string } | undefined> {
  const { workflow, verb } = sent;
  if (error instanceof WorkflowNotFoundError) {
    const ended = await describeEnd(sent).catch(() => undefined);
    if (ended !== undefined) return { type: 'Ended', message: ended };
    const message = `Cannot ${verb} ${workflow.workflowId}: no workflow has this id in Temporal namespace "${sent.client.options.namespace}". To list what exists: temporal-spark list`;
    return { type: 'NotFound', message };
  }
  if (error instanceof WorkflowUpdateFailedError || error instanceof ApplicationFailure) {
    // The activity that checks a manifest fails with the problems as the cause of the update's failure.
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      if (!(cause instanceof ApplicationFailure)) continue;
      if (cause.type === FailureType.RequestRefused || cause.type === FailureType.InvalidManifest)
        return { type: cause.type, message: cause.message };
    }
    // A pipeline rejects a request by an error without a type.
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type === 'Error')
      return { type: 'RequestRefused', message: `${workflow.workflowId}: ${cause.message}` };
  }
  return isUnanswered(error) ? { type: 'NoAnswer', message: await describeSilence(sent) } : undefined;
}

/** @returns why a workflow that has ended takes no request; undefined where it is open */
async function describeEnd({ workflow, verb }: SentRequest): Promise<string | undefined> {
  const description = await workflow.describe();
  if (isOpen(description.status.name)) return undefined;
  const types = [FailureType.SparkApplicationFailed, FailureType.SparkPipelineFailed];
  const { result } = await workflowEnd(workflow, description, types);
  const state = (result as { readonly state?: string } | undefined)?.state ?? description.status.name;
  const at = description.closeTime?.toISOString().replace(/\.\d+Z$/, 'Z');
  const ended = `it is ${state}; it ended${at === undefined ? '' : ` at ${at}`}`;
  return `Cannot ${verb} ${workflow.workflowId}: ${ended}. To run it again: temporal-spark ${againCommand(workflow.workflowId)}`;
}

/** A stage runs again with its pipeline. */
function againCommand(workflowId: string): string {
  const [prefix, ...parts] = workflowId.split('/');
  return prefix === 'pipeline' ? `pipeline rerun ${[prefix, ...parts.slice(0, 3)].join('/')}` : `retry ${workflowId}`;
}

async function describeSilence({ client, workflow, verb, timeoutMs }: SentRequest): Promise<string> {
  const timedOut = `No worker accepted the request to ${verb} ${workflow.workflowId} within ${timeoutMs / 1000} s`;
  try {
    const { taskQueue } = await workflow.describe();
    const { size } = await pollersOf(client, taskQueue);
    return size === 0
      ? `${timedOut}: no worker polls task queue "${taskQueue}"; start one:  ${startWorker(taskQueue)}`
      : `${timedOut}, although ${size === 1 ? '1 worker polls' : `${size} workers poll`} task queue "${taskQueue}". It may still be accepted: read the state before you repeat it.`;
  } catch {
    return `${timedOut}; start one:  temporal-spark worker`;
  }
}

/** The command that starts a worker for the task queue. */
export const startWorker = (taskQueue: string): string =>
  `TEMPORAL_SPARK_TASK_QUEUE=${taskQueue} temporal-spark worker`;

/** No worker answered an update or a query in time. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) return false;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!isGrpcServiceError(cause)) continue;
    const { code, details } = cause as { readonly code: number; readonly details: string };
    if (code === DEADLINE_EXCEEDED || code === NO_POLLER) return true;
    if (code === RESET.code && details === RESET.details) return true;
  }
  return false;
}
