import {
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
  pipelineStatusQuery,
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
    { run = newRun(), conflict = WorkflowIdConflictPolicy.FAIL, ...options }: StartPipelineOptions,
  ): Promise<SparkPipelineHandle> {
    const pipeline = parseSparkPipeline(manifest, { nameSuffix: nameSuffix() });
    resolveParameters(pipeline.spec, options.parameters ?? {});
    const { name } = pipeline.metadata;
    const workflowId = sparkPipelineWorkflowId(name, run);
    refuseTermination(conflict, `the pipeline ${workflowId}`, 'Cancel it');
    const { stages } = pipeline.spec;
    const handle = await this.attributes.start(pipelineAttributes(pipeline.metadata.namespace, name), (attributes) =>
      this.client.workflow.start(SPARK_PIPELINE_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [pipeline, options],
        workflowIdConflictPolicy: conflict,
        // The name identifies the work of a run, a day for example: it may run again only if it did not succeed.
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        staticSummary: `${name} · ${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`,
        memo: { pipeline: name, run, stages: stages.length },
        ...attributes,
      }),
    );
    return this.handle(handle.workflowId, handle.firstExecutionRunId);
  }

  /** A run by its workflow id, `pipeline/<name>/<run>`. */
  get(workflowId: string): SparkPipelineHandle {
    return this.handle(workflowId);
  }

  /**
   * Starts another run of a pipeline that has ended, with the same parameters and the same logical time; what
   * succeeded, of fan-outs each item, is kept with its outputs, and everything else runs. Needs a worker, because the
   * earlier run is queried.
   *
   * @throws PipelineRerunError where it is still running, has completed and nothing is to run again, or has no such
   * stage
   */
  async rerun(workflowId: string, { from = [], ...options }: RerunPipelineOptions = {}): Promise<SparkPipelineHandle> {
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

  private handle(workflowId: string, runId?: string): SparkPipelineHandle {
    const options = present({ firstExecutionRunId: runId });
    const workflow = this.client.workflow.getHandle(workflowId, undefined, options);
    return {
      workflowId,
      ...present({ runId }),
      result: () => resultOf(runId === undefined ? workflow : this.client.workflow.getHandle(workflowId, runId)),
      status: () => workflow.query(pipelineStatusQuery),
      pause: async (note) => workflow.executeUpdate(pausePipelineUpdate, { args: [note] }),
      resume: () => workflow.executeUpdate(resumePipelineUpdate),
      cancelStage: (stage) => workflow.executeUpdate(cancelStageUpdate, { args: [stage] }),
      cancel: async () => {
        await workflow.cancel();
      },
    };
  }
}

/** The time in UTC to the second and random characters: sortable, readable and unique. */
function newRun(): string {
  return `${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')}-${nameSuffix()}`;
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
