/** What the metrics of workers count. They are in the inputs of activities, and so in histories: they never change. */
export const ApplicationFact = {
  Created: 'created',
  /** Its driver exists. */
  Submitted: 'submitted',
  SubmissionFailed: 'submission-failed',
  /** Its driver runs, or has run. */
  Started: 'started',
  /** The driver of an attempt has ended. */
  DriverEnded: 'driver-ended',
  Completed: 'completed',
  Failed: 'failed',
} as const;
export type ApplicationFact = (typeof ApplicationFact)[keyof typeof ApplicationFact];

export type CountedFact =
  | { readonly fact: typeof ApplicationFact.Created | typeof ApplicationFact.SubmissionFailed }
  | {
      readonly fact: typeof ApplicationFact.Submitted | typeof ApplicationFact.Started;
      /** Since the application was created. @default not its first driver */
      readonly latencySeconds?: number;
    }
  | {
      readonly fact: typeof ApplicationFact.DriverEnded;
      /** Executors that had ended when the driver was last seen. */
      readonly succeeded: number;
      readonly failed: number;
    }
  | {
      readonly fact: typeof ApplicationFact.Completed | typeof ApplicationFact.Failed;
      /** From the begin of the last attempt to its end. */
      readonly executionSeconds: number;
    };

/**
 * Part of the input of an activity that follows a record: what the record has new, for the metrics of the worker that
 * runs the activity. Each fact is handed out once.
 */
export interface Counting {
  readonly counts?: {
    /** Of the manifest: the source of further labels of metrics. @default none */
    readonly labels?: Readonly<Record<string, string>>;
    /** @default nothing is new */
    readonly facts?: readonly CountedFact[];
  };
}
