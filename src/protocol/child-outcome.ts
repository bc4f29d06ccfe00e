import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { StageReason } from './stage-reason.ts';

/** The outcome of the child workflow of a stage. */
export type ChildOutcome =
  | { readonly status: 'completed'; readonly result: unknown }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly reason: string; readonly message: string; readonly detail?: unknown };

/** How a workflow ended that did not complete, by the cause of the failure that its parent, or a client, receives. */
export function failedOutcome(cause: unknown): ChildOutcome {
  if (cause instanceof CancelledFailure) return { status: 'cancelled' };
  if (cause instanceof ApplicationFailure) {
    const [detail] = cause.details ?? [];
    return {
      status: 'failed',
      reason: cause.type ?? StageReason.Error,
      message: cause.message,
      ...(detail === undefined ? {} : { detail }),
    };
  }
  const reason =
    cause instanceof TerminatedFailure
      ? StageReason.Terminated
      : cause instanceof TimeoutFailure
        ? StageReason.WorkflowTimedOut
        : StageReason.Error;
  const message = cause instanceof Error ? cause.message : 'The workflow failed.';
  return { status: 'failed', reason, message };
}
