import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { CalledActivity } from '../../manifest/index.ts';
import { FailureType } from '../../protocol/failure-type.ts';
import { isOwnActivity } from '../../protocol/own-activities.ts';
import { present } from '../../validation/present.ts';

export type PipelineActivityInput = CalledActivity;

type AnyActivity = (...args: unknown[]) => Promise<unknown>;

/**
 * One activity of the user's, by name, as a stage of a pipeline: a workflow of its own, so that it has a page, can be
 * cancelled alone, and continues while its pipeline continues as new. It is tried once; the stage has the retries.
 *
 * The activities of the plugin act for the workflow that calls them, on any driver: they cannot be called.
 *
 * @returns what the activity returns
 */
export async function sparkPipelineActivity({
  type,
  taskQueue,
  args = [],
  startToCloseTimeoutSeconds = 3600,
  heartbeatTimeoutSeconds,
}: PipelineActivityInput): Promise<unknown> {
  if (isOwnActivity(type)) {
    const message = `Cannot call the activity ${type}: it is an internal activity of temporal-spark. Name an activity of your own.`;
    throw ApplicationFailure.nonRetryable(message, FailureType.InvalidArgument);
  }
  const activities = proxyActivities<Record<string, AnyActivity>>({
    startToCloseTimeout: startToCloseTimeoutSeconds * 1000,
    ...(heartbeatTimeoutSeconds === undefined ? {} : { heartbeatTimeout: heartbeatTimeoutSeconds * 1000 }),
    ...present({ taskQueue }),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  });
  try {
    return await activities[type]!.executeWithOptions({ summary: workflowInfo().workflowId }, [...args]);
  } catch (error) {
    // The stage gets the cause, not the failure of the activity.
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
    throw error;
  }
}
