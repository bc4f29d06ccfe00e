/** The states of an application: the Spark operator's, spelled the same, and QUEUED and CANCELLED. */
export const ApplicationState = {
  New: 'NEW',
  /** Its pool takes no more applications at the moment. */
  Queued: 'QUEUED',
  Submitted: 'SUBMITTED',
  Running: 'RUNNING',
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  SubmissionFailed: 'SUBMISSION_FAILED',
  PendingRerun: 'PENDING_RERUN',
  Invalidating: 'INVALIDATING',
  Succeeding: 'SUCCEEDING',
  Failing: 'FAILING',
  Suspending: 'SUSPENDING',
  Suspended: 'SUSPENDED',
  Resuming: 'RESUMING',
  Unknown: 'UNKNOWN',
  Cancelled: 'CANCELLED',
} as const;
export type ApplicationState = (typeof ApplicationState)[keyof typeof ApplicationState];

/** The ends of attempts that a request asked for, in words: they are not failures. */
export const REQUESTED_ENDS: Readonly<Partial<Record<ApplicationState, string>>> = {
  [ApplicationState.Suspended]: 'suspended on request',
  [ApplicationState.Invalidating]: 'replaced on request',
  [ApplicationState.Cancelled]: 'stopped on request',
};
