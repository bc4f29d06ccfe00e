import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  parseSparkPipeline,
  resolveParameters,
  type OutputValues,
  type ParameterDeclarations,
  type ParameterValues,
  type SparkPipeline,
  type SparkPipelineManifest,
  type TypedPipeline,
  type Types,
  type UntypedPipeline,
} from '../manifest/index.ts';
import {
  cancelStageUpdate,
  pipelineAttributes,
  pausePipelineUpdate,
  pipelineManifestQuery,
  pipelineRunName,
  pipelineStatusQuery,
  pipelineSummary,
  RESULT_MEMO,
  resumePipelineUpdate,
  SPARK_PIPELINE_FAILED,
  SPARK_PIPELINE_WORKFLOW,
  sparkPipelineWorkflowId,
  StageState,
  type SparkPipelineOptions,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../protocol/index.ts';
import { keptStages } from './kept-stages.ts';
import { nameSuffix } from './name-suffix.ts';
import { existingPipelineRun, oldPipelineRun } from './old-pipeline-run.ts';
import { pipelineWorkflowId, type PipelineReference } from './pipeline-reference.ts';
import { RegisteredAttributes, type ClientParts } from './registered-attributes.ts';
import { refuseTermination, type StartConflictPolicy } from './start-policy.ts';
import { present } from '../validation/present.ts';

export interface StartPipelineOptions<Parameters = Readonly<Record<string, unknown>>> extends Omit<
  SparkPipelineOptions,
  'parameters'
> {
  /** Values of the manifest's parameters. @default each parameter's default */
  readonly parameters?: Parameters;
  /**
   * The name of this run; the same name is the same run. Names that begin with a time sort.
   * @default the time in UTC and five random characters, such as `20261121T031500Z-bcdfg`
   */
  readonly run?: string;
  /** What to do while a run of that name is under way. @default FAIL */
  readonly conflict?: StartConflictPolicy;
  /** The manifest is a result of `parseSparkPipeline`, as it was returned: it is not checked again. @default false */
  readonly checked?: boolean;
}

export interface RerunPipelineOptions extends Pick<StartPipelineOptions, 'run' | 'maxHistoryEvents'> {
  /** Stages to run again although they succeeded, and all that depend on them. @default none */
  readonly from?: readonly string[];
}

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

/** There is nothing to run again, or the run has not ended. */
export class PipelineRerunError extends Error {
  override readonly name = 'PipelineRerunError';
}

/** Options of a pipeline whose parameters TypeScript knows: those without a default must be given. */
type TypedOptions<P extends ParameterDeclarations> =
  Readonly<Record<never, never>> extends ParameterValues<P>
    ? [options?: StartPipelineOptions<ParameterValues<P>>]
    : [options: StartPipelineOptions<ParameterValues<P>> & { readonly parameters: ParameterValues<P> }];

/** One run of a pipeline. `Outputs` are its outputs by name, where TypeScript knows them (`definePipeline`). */
export interface SparkPipelineHandle<Outputs = Readonly<Record<string, unknown>>> {
  /** `pipeline/<namespace>/<name>/<run>`; requests find a run that 0.1 started without the namespace, too. */
  readonly workflowId: string;
  /** Absent where the handle was made from an id. */
  readonly runId?: string;
  /** @throws SparkPipelineFailedError when it did not complete */
  result(): Promise<SparkPipelineResult<Outputs>>;
  /** State of each stage. Needs a worker, also when the pipeline is over. */
  status(): Promise<SparkPipelineStatus>;
  /** Starts no more stages; running stages continue. */
  pause(note?: string): Promise<void>;
  resume(): Promise<void>;
  /** @throws WorkflowUpdateFailedError where the stage is unknown or has ended */
  cancelStage(stage: string): Promise<void>;
  /** Ends the running stages gracefully and runs the clean-up stages; resolves when the request is recorded. */
  cancel(): Promise<void>;
}

/** Starts and follows pipelines over a Temporal client. */
export class PipelineClient {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly attributes: RegisteredAttributes;

  constructor(client: Client, { taskQueue, attributes = new RegisteredAttributes() }: ClientParts) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.attributes = attributes;
  }

  /**
   * Starts a run; resolves when it is recorded.
   *
   * @throws ManifestError with every problem of the manifest; nothing was started
   * @throws ParameterError with every parameter that is wrong; nothing was started
   * @throws WorkflowExecutionAlreadyStartedError where there is a run of that name already
   * @throws RangeError for the conflict policy TERMINATE_EXISTING; nothing was started
   */
  start<P extends ParameterDeclarations, O extends Types>(
    manifest: TypedPipeline<P, O>,
    ...options: TypedOptions<P>
  ): Promise<SparkPipelineHandle<OutputValues<O>>>;
  start(manifest: UntypedPipeline, options?: StartPipelineOptions): Promise<SparkPipelineHandle>;
  start(manifest: SparkPipelineManifest, options: StartPipelineOptions = {}): Promise<SparkPipelineHandle> {
    return this.startOn(this.taskQueue, manifest, options);
  }

  private async startOn(
    taskQueue: string,
    manifest: SparkPipelineManifest,
    { run, conflict = WorkflowIdConflictPolicy.FAIL, checked = false, ...options }: StartPipelineOptions,
  ): Promise<SparkPipelineHandle> {
    const pipeline = checked ? (manifest as SparkPipeline) : parseSparkPipeline(manifest, { nameSuffix });
    resolveParameters(pipeline.spec, options.parameters ?? {});
    const { namespace, name } = pipeline.metadata;
    const runName = run ?? pipelineRunName(new Date(), nameSuffix());
    const workflowId = sparkPipelineWorkflowId(namespace, name, runName);
    refuseTermination(conflict, `the pipeline ${workflowId}`, 'Cancel it');
    const attached = run === undefined ? undefined : await this.resolveOldRun(workflowId, conflict);
    if (attached !== undefined) return attached;
    const handle = await this.attributes.start(pipelineAttributes(namespace, name), (attributes) =>
      this.client.workflow.start(SPARK_PIPELINE_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [pipeline, options],
        workflowIdConflictPolicy: conflict,
        // The name identifies the work of a run, a day for example: it may run again only if it did not succeed.
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        staticSummary: pipelineSummary(pipeline),
        memo: { pipeline: name, run: runName, stages: pipeline.spec.stages.length },
        ...attributes,
      }),
    );
    return this.handle(handle.workflowId, handle.firstExecutionRunId);
  }

  /** A run that may exist. Each request of the handle fails with WorkflowNotFoundError where it does not. */
  get(reference: PipelineReference): SparkPipelineHandle {
    return this.handle(pipelineWorkflowId(reference));
  }

  /** The same, but with the workflow id that the run has: that of a run of 0.1 has no namespace. */
  async find(reference: PipelineReference): Promise<SparkPipelineHandle> {
    return this.handle(await existingPipelineRun(this.client, pipelineWorkflowId(reference)));
  }

  /**
   * Starts another run of a pipeline that has ended, with the same parameters and the same logical time; what
   * succeeded, of fan-outs each item, is kept with its outputs, and everything else runs. Needs a worker, because the
   * earlier run is queried.
   *
   * @throws PipelineRerunError where it is still running, has completed and nothing is to run again, or has no such
   * stage
   */
  async rerun(
    reference: PipelineReference,
    { from = [], ...options }: RerunPipelineOptions = {},
  ): Promise<SparkPipelineHandle> {
    const workflowId = await existingPipelineRun(this.client, pipelineWorkflowId(reference));
    const workflow = this.client.workflow.getHandle(workflowId);
    const { taskQueue, status: execution } = await workflow.describe();
    if (execution.name === 'RUNNING' || execution.name === 'PAUSED' || execution.name === 'CONTINUED_AS_NEW') {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again while it is running; cancel it, or wait for its end.`,
      );
    }
    const manifest = await workflow.query(pipelineManifestQuery);
    const status = await workflow.query(pipelineStatusQuery);
    const names = manifest.spec.stages.map(({ name }) => name);
    const unknown = from.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again from ${unknown.join(', ')}: unknown stage; known: ${names.slice(0, 20).join(', ')}.`,
      );
    }
    const isDone = status.stages.every(({ state }) => state === StageState.Succeeded || state === StageState.Skipped);
    if (execution.name === 'COMPLETED' && isDone && from.length === 0) {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again: all its stages have completed; name the stages to run again (from).`,
      );
    }
    return this.startOn(taskQueue, manifest, {
      ...options,
      parameters: status.parameters,
      scheduleTime: status.scheduleTime,
      timeZone: status.timeZone,
      ...present({ history: status.history }),
      keep: keptStages(manifest.spec, status.stages, from),
    });
  }

  /**
   * A named run is the same run under the id of 0.1: it is not started again while it runs, or if it succeeded.
   *
   * @returns the run to attach to
   * @throws WorkflowExecutionAlreadyStartedError
   */
  private async resolveOldRun(
    workflowId: string,
    conflict: StartConflictPolicy,
  ): Promise<SparkPipelineHandle | undefined> {
    const old = await oldPipelineRun(this.client, workflowId);
    if (old === undefined) return undefined;
    const isRunning = old.status === 'RUNNING' || old.status === 'PAUSED';
    if (!isRunning && old.status !== 'COMPLETED') return undefined;
    if (isRunning && conflict === WorkflowIdConflictPolicy.USE_EXISTING) {
      return this.handle(old.workflowId, old.firstRunId);
    }
    const message = 'Workflow execution already started';
    throw new WorkflowExecutionAlreadyStartedError(message, old.workflowId, SPARK_PIPELINE_WORKFLOW);
  }

  private handle(workflowId: string, runId?: string): SparkPipelineHandle {
    let existing = runId === undefined ? undefined : workflowId;
    const workflow = async () => {
      existing ??= await existingPipelineRun(this.client, workflowId);
      return this.client.workflow.getHandle(existing, undefined, present({ firstExecutionRunId: runId }));
    };
    return {
      workflowId,
      ...present({ runId }),
      result: async () => resultOf(await workflow()),
      status: async () => (await workflow()).query(pipelineStatusQuery),
      pause: async (note) => (await workflow()).executeUpdate(pausePipelineUpdate, { args: [note] }),
      resume: async () => (await workflow()).executeUpdate(resumePipelineUpdate),
      cancelStage: async (stage) => (await workflow()).executeUpdate(cancelStageUpdate, { args: [stage] }),
      cancel: async () => {
        await (await workflow()).cancel();
      },
    };
  }
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
