/**
 * For use inside other people's workflows: definitions and a helper that runs an application as a child. Safe in the
 * workflow sandbox; exports no workflow function.
 *
 * @module
 */
import {
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  type ChildWorkflowOptions,
} from '@temporalio/workflow';
import type { SparkApplicationManifest } from './manifest/index.ts';
import {
  SPARK_APPLICATION_WORKFLOW,
  applicationSummary,
  sparkApplicationWorkflowId,
  type SparkApplicationResult,
} from './protocol/index.ts';

/**
 * Runs a Spark application as a child workflow of the caller and returns its result. A cancelled or closed parent has
 * its driver stopped and recorded, not abandoned. Retries are the manifest's (`spec.restartPolicy`): the application is
 * refused under a cron schedule or a retry policy of Temporal.
 *
 * @throws ChildWorkflowFailure whose cause is an ApplicationFailure `SparkApplicationFailed` with the result as detail
 */
export function executeSparkApplication(
  manifest: SparkApplicationManifest,
  options: Omit<ChildWorkflowOptions, 'cronSchedule' | 'retry'> = {},
): Promise<SparkApplicationResult> {
  return executeChild(SPARK_APPLICATION_WORKFLOW, {
    staticSummary: applicationSummary(manifest),
    workflowId: sparkApplicationWorkflowId(manifest.metadata.namespace ?? 'default', manifest.metadata.name ?? ''),
    // The default, TERMINATE, would run no code: the driver would continue and its end would not be recorded.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...options,
    args: [manifest],
  }) as Promise<SparkApplicationResult>;
}

export {
  ApplicationRequest,
  ApplicationState,
  DEFAULT_TASK_QUEUE,
  killUpdate,
  manifestQuery,
  REQUEST_REFUSED,
  restartUpdate,
  resumeUpdate,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
  statusQuery,
  suspendUpdate,
  updateManifestUpdate,
} from './protocol/index.ts';
export type {
  AttemptSummary,
  ExecutorCounts,
  KillRequest,
  ManifestUpdateResult,
  PlacementSummary,
  ShadowSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
} from './protocol/index.ts';
export type { SparkApplicationManifest } from './manifest/index.ts';
