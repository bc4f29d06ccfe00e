/** The end of an attempt. */
export const AttemptEnd = {
  Completed: 'completed',
  /** The driver ran, or could not start. */
  Failed: 'failed',
  /** No driver was created. */
  SubmissionFailed: 'submission-failed',
  /** Stopped by a request, which determines the next step. */
  Interrupted: 'interrupted',
} as const;
export type AttemptEnd = (typeof AttemptEnd)[keyof typeof AttemptEnd];

/** The end of an attempt that had a driver. */
export type EndWithDriver = Exclude<AttemptEnd, typeof AttemptEnd.SubmissionFailed>;

/** The end of an attempt, once its driver no longer has our finalizer. */
export type AttemptResult =
  | { readonly end: EndWithDriver }
  | {
      readonly end: typeof AttemptEnd.SubmissionFailed;
      /** A retry with the same manifest cannot help. */
      readonly permanent: boolean;
      readonly cause?: Error;
    };

/** The end of an attempt whose driver ended by itself. */
export const endOf = ({ succeeded }: { readonly succeeded: boolean }): EndWithDriver =>
  succeeded ? AttemptEnd.Completed : AttemptEnd.Failed;
