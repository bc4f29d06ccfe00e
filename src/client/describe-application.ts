import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import {
  SearchAttribute,
  SPARK_APPLICATION_FAILED,
  statusQuery,
  type ApplicationState,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { liveDriver, type LiveSparkDriver } from './live-driver.ts';
import { pollersOf } from './pollers.ts';
import { isOpen, workflowEnd, type WorkflowEnd, type WorkflowEndFailure } from './workflow-end.ts';

export interface SparkApplicationDescription {
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
  /** Temporal's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly workflowStatus: string;
  /**
   * What the application is: its own state, or the end of a workflow that was terminated or timed out, whatever `status`
   * last was. Absent where it runs and neither a worker nor a search attribute has the state.
   */
  readonly state?: ApplicationState | 'TERMINATED' | 'TIMED_OUT';
  /**
   * As the workflow reports it, or recorded it at its end; absent where no worker answered the query. Of a workflow that
   * was terminated it is the last one before that.
   */
  readonly status?: SparkApplicationStatus;
  /** Of one that has ended, where it recorded its result. */
  readonly result?: SparkApplicationResult;
  /** Why the workflow did not complete; of one that was terminated, the reason that was given. */
  readonly failure?: WorkflowEndFailure;
  /** How many workers poll its task queue; present only where it runs and none answered. */
  readonly pollers?: number;
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

/** The state of an application, from the Temporal server and its workflow, which is asked only if it recorded no end. */
export async function describeApplication(
  client: Client,
  workflow: WorkflowHandle,
): Promise<SparkApplicationDescription> {
  const description = await workflow.describe();
  const { workflowId, runId, taskQueue, status: execution, startTime, closeTime } = description;
  const known = { workflowId, runId, taskQueue, workflowStatus: execution.name, startTime, ...present({ closeTime }) };
  if (!isOpen(execution.name)) {
    const end = await workflowEnd(workflow, description, [SPARK_APPLICATION_FAILED]);
    return { ...known, ...(await endOf(workflow, end, execution.name)), pending: [] };
  }
  const status = await queryStatus(workflow);
  const recorded = description.typedSearchAttributes.get(SearchAttribute.State) as ApplicationState | undefined;
  return {
    ...known,
    ...present({
      state: status?.state ?? recorded,
      status,
      pollers: status === undefined ? await countPollers(client, taskQueue) : undefined,
      driver: await liveDriver(workflow, description),
    }),
    pending: pendingSteps(description),
  };
}

async function endOf(
  workflow: WorkflowHandle,
  { result: recorded, failure }: WorkflowEnd,
  execution: string,
): Promise<Pick<SparkApplicationDescription, 'state' | 'status' | 'result' | 'failure'>> {
  const result = recorded as SparkApplicationResult | undefined;
  const state = result?.state ?? (execution as SparkApplicationDescription['state']);
  const status = result === undefined ? await queryStatus(workflow) : statusOf(result);
  return present({ state, status, result, failure });
}

function statusOf({ logTail: _, attemptHistory = [], ...facts }: SparkApplicationResult): SparkApplicationStatus {
  return { ...facts, attemptHistory };
}

const countPollers = (client: Client, taskQueue: string): Promise<number | undefined> =>
  pollersOf(client, taskQueue).then(
    ({ size }) => size,
    () => undefined,
  );

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
