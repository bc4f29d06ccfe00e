/** Workflow type by which each worker process proves that work gets done: one workflow a process. */
export const CANARY_WORKFLOW = 'workerCanary';

export interface CanaryInput {
  /** Task queue of that process alone. */
  readonly taskQueue: string;
  readonly intervalMs: number;
  /** How long a beat may find nobody polling that queue before the process counts as gone. */
  readonly goneAfterMs: number;
}

/** The activity that only that process runs. */
export interface CanaryActivities {
  beatCanary(): Promise<void>;
}
