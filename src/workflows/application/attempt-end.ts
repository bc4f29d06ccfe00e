/** How an attempt ended. */
export const AttemptEnd = {
  Completed: 'completed',
  /** The driver ran, or could not start. */
  Failed: 'failed',
  /** There was never a driver. */
  SubmissionFailed: 'submission-failed',
  /** Stopped by a request, which determines the next step. */
  Interrupted: 'interrupted',
} as const;
export type AttemptEnd = (typeof AttemptEnd)[keyof typeof AttemptEnd];

/** How an attempt ended, once its driver no longer carries our finalizer. */
export type AttemptResult =
  | { readonly end: Exclude<AttemptEnd, typeof AttemptEnd.SubmissionFailed> }
  | {
      readonly end: typeof AttemptEnd.SubmissionFailed;
      /** No further try with the same manifest can help. */
      readonly permanent: boolean;
      readonly cause?: Error;
    };
