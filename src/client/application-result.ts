import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { RESULT_MEMO, SPARK_APPLICATION_FAILED, type SparkApplicationResult } from '../protocol/index.ts';

/** The application ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class SparkApplicationFailedError extends Error {
  override readonly name = 'SparkApplicationFailedError';
  readonly workflowId: string;
  readonly result: SparkApplicationResult | undefined;

  constructor(workflowId: string, message: string, result: SparkApplicationResult | undefined, cause?: unknown) {
    super(message, { cause });
    this.workflowId = workflowId;
    this.result = result;
  }
}

/**
 * Waits for the result, across runs that continue as new.
 *
 * @param last the last of those runs, which may hold the result of a cancelled application
 * @throws SparkApplicationFailedError where the application did not complete
 */
export async function applicationResult(
  workflow: WorkflowHandle,
  last: () => Promise<WorkflowHandle> = () => Promise.resolve(workflow),
): Promise<SparkApplicationResult> {
  try {
    return (await workflow.result()) as SparkApplicationResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const message = cause?.message ?? error.message;
    const result = await failedResult(last, cause);
    throw new SparkApplicationFailedError(workflow.workflowId, message, result, error);
  }
}

async function failedResult(
  last: () => Promise<WorkflowHandle>,
  cause: Error | undefined,
): Promise<SparkApplicationResult | undefined> {
  if (cause instanceof ApplicationFailure && cause.type === SPARK_APPLICATION_FAILED) {
    return cause.details?.[0] as SparkApplicationResult | undefined;
  }
  if (cause instanceof CancelledFailure) {
    const { memo } = await (await last()).describe();
    return memo?.[RESULT_MEMO] as SparkApplicationResult | undefined;
  }
  return undefined;
}
