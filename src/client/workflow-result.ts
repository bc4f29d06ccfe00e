import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { RESULT_MEMO } from '../protocol/index.ts';

/** It ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class FailedResultError<R> extends Error {
  readonly workflowId: string;
  readonly result: R | undefined;

  constructor(workflowId: string, message: string, result: R | undefined, cause?: unknown) {
    super(message, { cause });
    this.workflowId = workflowId;
    this.result = result;
  }
}

export interface AwaitedResult<R> {
  readonly workflow: WorkflowHandle;
  /** Type of the failure whose first detail is the result. */
  readonly failureType: string;
  /** Thrown where it did not complete. */
  readonly Failure: new (...args: ConstructorParameters<typeof FailedResultError<R>>) => FailedResultError<R>;
  /** First run of the start whose result it is. @default that of `workflow` */
  readonly firstRunId?: string | undefined;
}

/** Waits for the result, across runs that continue as new. @throws a `Failure` where it did not complete */
export async function awaitResult<R>(awaited: AwaitedResult<R>): Promise<R> {
  const { workflow, Failure } = awaited;
  try {
    return (await workflow.result()) as R;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const result = await failedResult(awaited, cause);
    throw new Failure(workflow.workflowId, cause?.message ?? error.message, result, error);
  }
}

/** The last run of a start: it may have continued as new, and the workflow may have been started again. */
export async function lastRun(workflow: WorkflowHandle, firstRunId: string): Promise<WorkflowHandle> {
  const newest = workflow.client.getHandle(workflow.workflowId, undefined, { firstExecutionRunId: firstRunId });
  const { raw } = await newest.describe();
  const isOwn = raw.workflowExecutionInfo?.firstRunId === firstRunId;
  return isOwn ? newest : workflow.client.getHandle(workflow.workflowId, firstRunId);
}

async function failedResult<R>(
  { workflow, failureType, firstRunId }: AwaitedResult<R>,
  cause: Error | undefined,
): Promise<R | undefined> {
  if (cause instanceof ApplicationFailure && cause.type === failureType) return cause.details?.[0] as R | undefined;
  if (!(cause instanceof CancelledFailure)) return undefined;
  // The memo is the last run's, of those that continued each other as new.
  const { memo } = await (firstRunId === undefined ? workflow : await lastRun(workflow, firstRunId)).describe();
  return memo?.[RESULT_MEMO] as R | undefined;
}
