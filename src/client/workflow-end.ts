import {
  WorkflowFailedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { RESULT_MEMO } from '../protocol/index.ts';
import { present } from '../validation/present.ts';

/** Why a workflow did not complete. */
export interface WorkflowEndFailure {
  /** Type of the ApplicationFailure, such as `InvalidManifest`. */
  readonly type?: string;
  readonly message: string;
}

/** How a closed workflow ended, as its history records it: no worker is needed. */
export interface WorkflowEnd {
  /** What it returned, or carried in its failure or its memo; absent where it recorded no result. */
  readonly result?: unknown;
  readonly failure?: WorkflowEndFailure;
}

/** Temporal's status of a workflow that may still take requests. */
export const isOpen = (status: WorkflowExecutionStatusName): boolean =>
  status === 'RUNNING' || status === 'PAUSED' || status === 'CONTINUED_AS_NEW';

/** @param failureTypes types of the failures whose first detail is the result */
export async function workflowEnd(
  { client, workflowId }: WorkflowHandle,
  { runId, memo }: WorkflowExecutionDescription,
  failureTypes: readonly string[],
): Promise<WorkflowEnd> {
  try {
    return { result: await client.getHandle(workflowId, runId, { followRuns: false }).result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) {
      return { ...present({ result: memo?.[RESULT_MEMO] }), failure: { message: cause.message } };
    }
    const type = cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
    const details = cause instanceof ApplicationFailure ? cause.details : undefined;
    const result: unknown = type !== undefined && failureTypes.includes(type) ? details?.[0] : undefined;
    return { ...present({ result }), failure: { ...present({ type }), message: messageOf(cause, error) } };
  }
}

/** Temporal's own message of a terminated workflow is not the reason that was given. */
function messageOf(cause: Error | undefined, error: WorkflowFailedError): string {
  if (cause === undefined) return error.message;
  if (cause instanceof TerminatedFailure) return cause.message || 'The workflow was terminated.';
  // A failure that wraps another, such as that of an activity, has the reason in its cause.
  const reasons: string[] = [];
  for (let each: unknown = cause; each instanceof Error; each = each.cause) {
    if (!reasons.some((reason) => reason.includes(each.message))) reasons.push(each.message);
  }
  return reasons.join(': ');
}
