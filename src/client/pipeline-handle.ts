import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  cancelStageUpdate,
  pausePipelineUpdate,
  pipelineStatusQuery,
  RESULT_MEMO,
  resumePipelineUpdate,
  SPARK_PIPELINE_FAILED,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { describeEnd, explainRequest, RequestErrorType } from './explain-request.ts';
import { existingPipelineRun } from './old-pipeline-run.ts';

/** The pipeline ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class SparkPipelineFailedError extends Error {
  override readonly name = 'SparkPipelineFailedError';
  readonly workflowId: string;
  readonly result: SparkPipelineResult | undefined;

  constructor(workflowId: string, message: string, result: SparkPipelineResult | undefined, cause?: unknown) {
    super(message, { cause });
    this.workflowId = workflowId;
    this.result = result;
  }
}

/** Why a request to a pipeline run was not accepted; nothing was changed, except perhaps without an answer. */
export class PipelineRequestError extends Error {
  override readonly name = 'PipelineRequestError';
  readonly type: RequestErrorType;
  readonly workflowId: string;

  constructor(type: RequestErrorType, workflowId: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
    this.workflowId = workflowId;
  }
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
  const send = async <R>(verb: string, request: (workflow: WorkflowHandle) => Promise<R>): Promise<R> => {
    const workflow = await handle();
    try {
      return await request(workflow);
    } catch (error) {
      const problem = await explainRequest({ client, workflow, verb, timeoutMs }, error);
      throw problem === undefined
        ? error
        : new PipelineRequestError(problem.type, workflow.workflowId, problem.message, error);
    }
  };
  const ask = <R>(verb: string, request: (workflow: WorkflowHandle) => Promise<R>): Promise<R> =>
    send(verb, (workflow) => workflow.client.withDeadline(Date.now() + timeoutMs, () => request(workflow)));
  return {
    workflowId,
    ...present({ runId }),
    result: async () => resultOf(await handle()),
    status: () => ask('read the state of', (workflow) => workflow.query(pipelineStatusQuery)),
    pause: (note) => ask('pause', (workflow) => workflow.executeUpdate(pausePipelineUpdate, { args: [note] })),
    resume: () => ask('resume', (workflow) => workflow.executeUpdate(resumePipelineUpdate)),
    cancelStage: (stage) =>
      ask(`cancel stage ${stage} of`, (workflow) => workflow.executeUpdate(cancelStageUpdate, { args: [stage] })),
    cancel: () =>
      send('cancel', async (workflow) => {
        // Temporal accepts the cancel of a workflow that has ended.
        const ended = await describeEnd({ client, workflow, verb: 'cancel', timeoutMs });
        if (ended !== undefined) throw new PipelineRequestError(RequestErrorType.Ended, workflow.workflowId, ended);
        await workflow.cancel();
      }),
  };
}

async function resultOf(workflow: WorkflowHandle): Promise<SparkPipelineResult> {
  try {
    return (await workflow.result()) as SparkPipelineResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const failed = cause instanceof ApplicationFailure && cause.type === SPARK_PIPELINE_FAILED;
    let result = failed ? (cause.details?.[0] as SparkPipelineResult | undefined) : undefined;
    if (cause instanceof CancelledFailure) {
      // The memo is the last run's, of those that continued each other as new.
      const { memo } = await workflow.client.getHandle(workflow.workflowId).describe();
      result = memo?.[RESULT_MEMO] as SparkPipelineResult | undefined;
    }
    throw new SparkPipelineFailedError(workflow.workflowId, cause?.message ?? error.message, result, error);
  }
}
