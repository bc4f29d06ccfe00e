import type { WorkflowHandle } from '@temporalio/client';
import { SPARK_APPLICATION_FAILED, type SparkApplicationResult } from '../protocol/index.ts';
import { awaitResult, FailedResultError } from './workflow-result.ts';

/** The application ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class SparkApplicationFailedError extends FailedResultError<SparkApplicationResult> {
  override readonly name = 'SparkApplicationFailedError';
}

/** @throws SparkApplicationFailedError where the application did not complete */
export const applicationResult = (workflow: WorkflowHandle, firstRunId?: string): Promise<SparkApplicationResult> =>
  awaitResult({ workflow, firstRunId, failureType: SPARK_APPLICATION_FAILED, Failure: SparkApplicationFailedError });
