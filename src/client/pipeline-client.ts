import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
} from '@temporalio/client';
import type {
  OutputValues,
  ParameterDeclarations,
  ParameterValues,
  SparkPipeline,
  SparkPipelineManifest,
  TypedPipeline,
  Types,
  UntypedPipeline,
} from '../manifest/index.ts';
import {
  pipelineAttributes,
  pipelineManifestQuery,
  pipelineRunName,
  pipelineSummary,
  SPARK_PIPELINE_WORKFLOW,
  sparkPipelineWorkflowId,
  StageState,
  type KeptStages,
  type SparkPipelineOptions,
} from '../protocol/index.ts';
import { changedStages, keptStages } from './kept-stages.ts';
import { loadManifests } from './load-manifests.ts';
import { nameSuffix } from './name-suffix.ts';
import { existingPipelineRun, oldPipelineRun } from './old-pipeline-run.ts';
import { pipelineHandle, PipelineRequestError, type SparkPipelineHandle } from './pipeline-handle.ts';
import { pipelineWorkflowId, type PipelineReference } from './pipeline-reference.ts';
import { RegisteredAttributes, type ClientParts } from './registered-attributes.ts';
import { readRecordedManifest, type RecordedManifest } from './recorded-manifest.ts';
import { ANSWER_TIMEOUT_MS } from './requests.ts';
import { refuseTermination, type StartConflictPolicy } from './start-policy.ts';
import { isOpen } from './workflow-end.ts';
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
  /**
   * Instead of the manifest of that run. Stages that it changes run again, and all that depend on them.
   * @default the manifest of that run
   */
  readonly manifest?: SparkPipelineManifest;
}

/** What a rerun would do. */
export interface PipelineRerunPlan {
  /** The run that has ended. */
  readonly workflowId: string;
  readonly manifest: SparkPipelineManifest;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** RFC 3339: the logical time. */
  readonly scheduleTime: string;
  /** The stages that do not run again, and of fan-outs the items. */
  readonly keep: KeptStages;
}

/** There is nothing to run again, or the run has not ended. */
export class PipelineRerunError extends Error {
  override readonly name = 'PipelineRerunError';
}

interface Rerun extends PipelineRerunPlan {
  readonly taskQueue: string;
  readonly timeZone: string;
  readonly history: SparkPipelineOptions['history'] | undefined;
}

/** Options of a pipeline whose parameters TypeScript knows: those without a default must be given. */
type TypedOptions<P extends ParameterDeclarations> =
  Readonly<Record<never, never>> extends ParameterValues<P>
    ? [options?: StartPipelineOptions<ParameterValues<P>>]
    : [options: StartPipelineOptions<ParameterValues<P>> & { readonly parameters: ParameterValues<P> }];

/** Starts and follows pipelines over a Temporal client. */
export class PipelineClient {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly attributes: RegisteredAttributes;
  private readonly answerTimeoutMs: number;

  constructor(
    client: Client,
    { taskQueue, attributes = new RegisteredAttributes(), answerTimeoutMs = ANSWER_TIMEOUT_MS }: ClientParts,
  ) {
    this.client = client;
    this.answerTimeoutMs = answerTimeoutMs;
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
    const { parseSparkPipeline, resolveParameters } = await loadManifests();
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

  /** A run that may exist. Each request of the handle fails with PipelineRequestError where it does not. */
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
  async rerun(reference: PipelineReference, options: RerunPipelineOptions = {}): Promise<SparkPipelineHandle> {
    const { taskQueue, manifest, history, workflowId: _, ...again } = await this.rerunOf(reference, options);
    const { run, maxHistoryEvents } = options;
    return this.startOn(taskQueue, manifest, { ...again, ...present({ run, maxHistoryEvents, history }) });
  }

  /** What `rerun` with these options would do; starts nothing. @throws as `rerun` */
  async planRerun(
    reference: PipelineReference,
    options: Pick<RerunPipelineOptions, 'from' | 'manifest'> = {},
  ): Promise<PipelineRerunPlan> {
    const { taskQueue: _, timeZone: __, history: ___, ...plan } = await this.rerunOf(reference, options);
    const { parseSparkPipeline, resolveParameters } = await loadManifests();
    const { spec } = parseSparkPipeline(plan.manifest, { nameSuffix });
    resolveParameters(spec, plan.parameters);
    return plan;
  }

  private async rerunOf(
    reference: PipelineReference,
    { from = [], manifest: changed }: Pick<RerunPipelineOptions, 'from' | 'manifest'>,
  ): Promise<Rerun> {
    const run = await this.find(reference);
    const { workflowId } = run;
    const { status: execution } = await this.client.workflow.getHandle(workflowId).describe();
    if (isOpen(execution.name)) {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again while it is running; cancel it, or wait for its end.`,
      );
    }
    const { taskQueue, manifest: recorded } = await this.manifest(workflowId);
    const status = await run.status();
    const manifest = changed ?? recorded;
    const names = manifest.spec.stages.map(({ name }) => name);
    const unknown = from.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again from ${unknown.join(', ')}: unknown stage; known: ${names.slice(0, 20).join(', ')}.`,
      );
    }
    const again = [...from, ...changedStages(recorded, manifest)];
    const isDone = status.stages.every(({ state }) => state === StageState.Succeeded || state === StageState.Skipped);
    if (execution.name === 'COMPLETED' && isDone && again.length === 0) {
      throw new PipelineRerunError(
        `Cannot run ${workflowId} again: all its stages have completed; name the stages to run again (from).`,
      );
    }
    const { parameters, scheduleTime, timeZone, history } = status;
    const keep = keptStages(manifest.spec, status.stages, again);
    return { taskQueue, workflowId, manifest, parameters, scheduleTime, timeZone, history, keep };
  }

  /** The manifest of a run, also of one that has ended. @throws PipelineRequestError */
  async manifest(reference: PipelineReference): Promise<RecordedManifest<SparkPipelineManifest>> {
    const { client, answerTimeoutMs } = this;
    const workflowId = await existingPipelineRun(client, pipelineWorkflowId(reference));
    return readRecordedManifest({
      client,
      workflow: client.workflow.getHandle(workflowId),
      query: pipelineManifestQuery,
      kind: 'SparkPipeline',
      timeoutMs: answerTimeoutMs,
      Rejection: PipelineRequestError,
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
    return pipelineHandle({
      client: this.client,
      workflowId,
      timeoutMs: this.answerTimeoutMs,
      ...present({ runId }),
    });
  }
}
