import { WorkflowIdConflictPolicy } from '@temporalio/client';

/** What to do where a workflow of that ID is running: refuse to start another, or attach to it. */
export type StartConflictPolicy = Exclude<WorkflowIdConflictPolicy, 'TERMINATE_EXISTING'>;

/**
 * A terminated workflow runs no code: its driver, or its children, would run on without it, and the new run would fail
 * on them.
 *
 * @param what such as `the application spark/default/pi`
 * @param instead how to end it
 * @throws RangeError for TERMINATE_EXISTING, which a caller without types, or of an earlier version, may give
 */
export function refuseTermination(conflict: WorkflowIdConflictPolicy, what: string, instead: string): void {
  if (conflict !== WorkflowIdConflictPolicy.TERMINATE_EXISTING) return;
  throw new RangeError(
    `Cannot start ${what} with the conflict policy TERMINATE_EXISTING: what the running one started would run on. ` +
      `${instead}, wait for its result, then start it.`,
  );
}
