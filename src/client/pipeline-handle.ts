import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  cancelStageUpdate,
  pausePipelineUpdate,
  pipelineStatusQuery,
  resumePipelineUpdate,
  SPARK_PIPELINE_FAILED,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { cancelOpen, explained, RequestError, type SentRequest } from './explain-request.ts';
import { existingPipelineRun } from './old-pipeline-run.ts';
import { awaitResult, FailedResultError } from './workflow-result.ts';

/** The pipeline ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class SparkPipelineFailedError extends FailedResultError<SparkPipelineResult> {
  override readonly name = 'SparkPipelineFailedError';
}

/** A request to a pipeline run that was not accepted; nothing was changed, except perhaps without an answer. */
export class PipelineRequestError extends RequestError {
  override readonly name = 'PipelineRequestError';
}

/** One run of a pipeline. `Outputs` are its outputs by name, where TypeScript knows them (`definePipeline`). */
export interface SparkPipelineHandle<Outputs = Readonly<Record<string, unknown>>> {
  /** `pipeline/<namespace>/<name>/<run>`; requests find a run that 0.1 started without the namespace, too. */
  readonly workflowId: string;
  /** Absent where the handle was made from an id. */
  readonly runId?: string;
  /** @throws SparkPipelineFailedError when it did not complete */
  result(): Promise<SparkPipelineResult<Outputs>>;
  /** State of each stage. Needs a worker, also when the pipeline is over. @throws PipelineRequestError */
  status(): Promise<SparkPipelineStatus>;
  /** Starts no more stages; running stages continue. @throws PipelineRequestError */
  pause(note?: string): Promise<void>;
  /** @throws PipelineRequestError */
  resume(): Promise<void>;
  /** @throws PipelineRequestError, also where the stage is unknown or has ended */
  cancelStage(stage: string): Promise<void>;
  /**
   * Ends the running stages gracefully and runs the clean-up stages; resolves when the request is recorded.
   *
   * @throws PipelineRequestError
   */
  cancel(): Promise<void>;
}

export interface PipelineHandleOptions {
  readonly client: Client;
  readonly workflowId: string;
  readonly runId?: string;
  /** Milliseconds that a request waits for a worker. */
  readonly timeoutMs: number;
}

export function pipelineHandle({ client, workflowId, runId, timeoutMs }: PipelineHandleOptions): SparkPipelineHandle {
  let existing = runId === undefined ? undefined : workflowId;
  const handle = async () => {
    existing ??= await existingPipelineRun(client, workflowId);
    return client.workflow.getHandle(existing, undefined, present({ firstExecutionRunId: runId }));
  };
  const sent = (verb: string, workflow: WorkflowHandle): SentRequest => ({
    ...{ client, workflow, verb, timeoutMs },
    Rejection: PipelineRequestError,
  });
  const ask = async <R>(verb: string, request: (workflow: WorkflowHandle) => Promise<R>): Promise<R> => {
    const workflow = await handle();
    return explained(sent(verb, workflow), () =>
      workflow.client.withDeadline(Date.now() + timeoutMs, () => request(workflow)),
    );
  };
  return {
    workflowId,
    ...present({ runId }),
    result: async () =>
      awaitResult({
        workflow: await handle(),
        firstRunId: runId,
        failureType: SPARK_PIPELINE_FAILED,
        Failure: SparkPipelineFailedError,
      }),
    status: () => ask('read the state of', (workflow) => workflow.query(pipelineStatusQuery)),
    pause: (note) => ask('pause', (workflow) => workflow.executeUpdate(pausePipelineUpdate, { args: [note] })),
    resume: () => ask('resume', (workflow) => workflow.executeUpdate(resumePipelineUpdate)),
    cancelStage: (stage) =>
      ask(`cancel stage ${stage} of`, (workflow) => workflow.executeUpdate(cancelStageUpdate, { args: [stage] })),
    cancel: async () => cancelOpen(sent('cancel', await handle())),
  };
}
