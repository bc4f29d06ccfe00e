import type { Client, ScheduleExecutionResult } from '@temporalio/client';
import { present } from '../validation/present.ts';
import { listedExecution } from './execution-list.ts';

/** A run that a schedule has started. */
export interface StartedRun {
  /** RFC 3339. */
  readonly dueAt: string;
  readonly workflowId: string;
}

export interface RunOutcome {
  /** Its own state, or the status of its workflow. */
  readonly state: string;
  /** Why it failed, in one line. */
  readonly cause?: string;
  readonly closeTime?: Date;
}

export const startedRun = ({ scheduledAt, action }: ScheduleExecutionResult): StartedRun => ({
  dueAt: scheduledAt.toISOString(),
  workflowId: action.workflow.workflowId,
});

/** Undefined where the workflow does not exist any more. */
export async function runOutcome(client: Client, workflowId: string): Promise<RunOutcome | undefined> {
  try {
    const { state, workflowStatus, cause, closeTime } = listedExecution(
      await client.workflow.getHandle(workflowId).describe(),
    );
    return { state: state ?? workflowStatus, ...present({ cause, closeTime }) };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
