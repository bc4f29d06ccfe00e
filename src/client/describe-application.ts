import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { statusQuery, type SparkApplicationStatus } from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { liveDriver, type LiveSparkDriver } from './live-driver.ts';

export interface SparkApplicationDescription {
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
  /** Temporal's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly workflowStatus: string;
  /** As the workflow reports it; absent where no worker could answer the query. */
  readonly status?: SparkApplicationStatus;
  /** The activities that the workflow waits for, and why they failed last. */
  readonly pending: readonly PendingActivity[];
  /** The driver as the worker that waits for it saw it last. */
  readonly driver?: LiveSparkDriver;
  readonly startTime: Date;
  readonly closeTime?: Date;
}

export interface PendingActivity {
  readonly activity: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly lastFailure?: string;
}

/** The state of an application, from its workflow and the Temporal server. */
export async function describeApplication(workflow: WorkflowHandle): Promise<SparkApplicationDescription> {
  const description = await workflow.describe();
  const status = await queryStatus(workflow);
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    taskQueue: description.taskQueue,
    workflowStatus: description.status.name,
    ...present({ status }),
    pending: pendingSteps(description),
    ...present({ driver: await liveDriver(workflow, description) }),
    startTime: description.startTime,
    ...present({ closeTime: description.closeTime }),
  };
}

/** The workflow's own status; undefined where no worker answers the query in time. */
async function queryStatus(workflow: WorkflowHandle): Promise<SparkApplicationStatus | undefined> {
  try {
    return await workflow.client.withDeadline(Date.now() + 5_000, () => workflow.query(statusQuery));
  } catch {
    return undefined;
  }
}

function pendingSteps({ raw }: WorkflowExecutionDescription): PendingActivity[] {
  return (raw.pendingActivities ?? []).map((activity) => ({
    activity: activity.activityType?.name ?? '',
    attempt: activity.attempt ?? 1,
    ...present({ lastFailure: activity.lastFailure?.message || undefined }),
  }));
}
