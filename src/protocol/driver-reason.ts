/**
 * Why a driver is not observable, or an attempt ended, where the reason is not a word of Kubernetes that is passed on
 * unread. They are in histories and results: they never change.
 */
export const DriverReason = {
  /** As Kubernetes spells it. */
  Completed: 'Completed',
  /** The pod was deleted before the driver ran, or before its exit status was recorded. */
  Deleted: 'Deleted',
  /** The pod was deleted without its finalizer holding it until the exit status was recorded. */
  DriverVanished: 'DriverVanished',
  /** As Kubernetes spells it. */
  Error: 'Error',
  /** The attempt ended before it had a driver. */
  NeverCreated: 'NeverCreated',
  /** The node is gone, or has not confirmed the end of a deleted driver. */
  NodeLost: 'NodeLost',
  NodeNotReady: 'NodeNotReady',
  /** As Kubernetes spells it. */
  OOMKilled: 'OOMKilled',
  PendingDeadlineExceeded: 'PendingDeadlineExceeded',
  RunningDeadlineExceeded: 'RunningDeadlineExceeded',
  SubmissionDeadlineExceeded: 'SubmissionDeadlineExceeded',
  /** The submission failed with an error that has no type. */
  SubmissionFailed: 'SubmissionFailed',
} as const;
export type DriverReason = (typeof DriverReason)[keyof typeof DriverReason];
