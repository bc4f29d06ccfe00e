import type { SparkPipelineManifest } from '../manifest/index.ts';
import type { CarriedTimings, PipelineTimings } from '../timings/index.ts';
import type { ChildOutcome } from './child-outcome.ts';
import type { SemaphoreRequest } from './semaphore.ts';

/** One run of a workflow, or of the chain that it began. */
export interface WorkflowReference {
  readonly workflowId: string;
  /** First run of the chain that is meant. */
  readonly runId: string;
}

export interface RequestSemaphoreInput extends SemaphoreRequest {
  readonly name: string;
  readonly taskQueue: string;
}

/** The activities of `sparkPipeline` and `sparkSemaphore`. Their names are in histories: they never change. */
export interface PipelineActivities {
  /** @throws ApplicationFailure `InvalidManifest`, not retryable, with every problem */
  checkSparkPipeline(manifest: SparkPipelineManifest): Promise<CarriedTimings<PipelineTimings> | undefined>;
  /**
   * The latest run of the workflow, if a run of the chain `parent` started it. Undefined where another workflow or a
   * client did, or where Temporal has no record of the run that did.
   */
  findChild(child: {
    readonly workflowId: string;
    readonly parent: WorkflowReference;
  }): Promise<{ readonly runId: string } | undefined>;
  /** Waits for a child that this run of its pipeline has no handle of: one before it, or before its reset, started it. */
  waitForWorkflow(workflow: WorkflowReference): Promise<ChildOutcome>;
  /** Asks for the cancellation of a pipeline that continued as new since it was cancelled, by its own worker. */
  cancelWorkflow(workflow: WorkflowReference): Promise<void>;
  /** Ends a stage's workflow that was asked to end and did not. */
  terminateWorkflow(workflow: WorkflowReference & { readonly reason: string }): Promise<void>;
  /** Asks a semaphore for a place; it answers the requester with a signal. */
  requestSemaphore(input: RequestSemaphoreInput): Promise<void>;
  /** Ids of those of the workflows that have ended or never were; of one with a first run, that this chain has. */
  closedWorkflows(workflows: readonly (string | WorkflowReference)[]): Promise<string[]>;
}
