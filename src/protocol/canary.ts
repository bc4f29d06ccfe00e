/** Workflow type of the self-test of a worker process: one workflow a process. */
export const CANARY_WORKFLOW = 'workerCanary';

export interface CanaryInput {
  /** Task queue of that process alone. */
  readonly taskQueue: string;
  readonly intervalMs: number;
  /** How long a beat may find no poller of that queue before the process counts as gone. */
  readonly goneAfterMs: number;
}

/** The activity that only that process runs. */
export interface CanaryActivities {
  beatCanary(): Promise<void>;
}
