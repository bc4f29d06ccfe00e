/**
 * For use inside other people's workflows: definitions, and helpers that run applications and pipelines as children.
 * Safe in the workflow sandbox; exports no workflow function.
 *
 * @module
 */
import {
  ChildWorkflowCancellationType,
  executeChild,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  uuid4,
  WorkflowIdReusePolicy,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  type Workflow,
} from '@temporalio/workflow';
import type {
  OutputValues,
  ParameterDeclarations,
  ParameterValues,
  SparkApplicationManifest,
  SparkPipelineManifest,
  TypedPipeline,
  Types,
  UntypedPipeline,
} from './manifest/index.ts';
import {
  applicationSummary,
  parentPausedSignal,
  pipelineRunName,
  pipelineSummary,
  SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_WORKFLOW,
  sparkApplicationWorkflowId,
  sparkPipelineWorkflowId,
  type SparkApplicationResult,
  type SparkPipelineOptions,
  type SparkPipelineResult,
} from './protocol/index.ts';

/**
 * Options of an application as a child. The defaults of `ChildWorkflowOptions` hold, but for these: `workflowId` is
 * `spark/<namespace>/<name>`, `parentClosePolicy` is REQUEST_CANCEL and `cancellationType` is
 * WAIT_CANCELLATION_COMPLETED, so that a cancelled or closed parent has its driver stopped and recorded, not abandoned.
 * Retries are the manifest's (`spec.restartPolicy`): under a cron schedule or a retry policy of Temporal it is refused.
 */
export type SparkApplicationChildOptions = Omit<ChildWorkflowOptions, 'cronSchedule' | 'retry'>;

/**
 * Options of a pipeline as a child: the same defaults, `workflowId` is `pipeline/<namespace>/<name>/<run>`, and
 * `workflowIdReusePolicy` is ALLOW_DUPLICATE_FAILED_ONLY, so that a named run starts again only if it did not succeed.
 */
export interface SparkPipelineChildOptions<Parameters = Readonly<Record<string, unknown>>>
  extends Omit<ChildWorkflowOptions, 'args'>, Omit<SparkPipelineOptions, 'keep' | 'parameters'> {
  /** Values of the manifest's parameters. @default each parameter's default */
  readonly parameters?: Parameters;
  /** The name of this run. @default the time in UTC and eight random characters, such as `20261121T031500Z-1b9d6bcd` */
  readonly run?: string;
}

/** Options of a pipeline whose parameters TypeScript knows: those without a default must be given. */
type TypedOptions<P extends ParameterDeclarations> =
  Readonly<Record<never, never>> extends ParameterValues<P>
    ? [options?: SparkPipelineChildOptions<ParameterValues<P>>]
    : [options: SparkPipelineChildOptions<ParameterValues<P>> & { readonly parameters: ParameterValues<P> }];

/**
 * A child that was started. Workflows can only signal and cancel others: queries and updates need a client, for example
 * `SparkClient` in an activity.
 */
export interface SparkApplicationChildHandle {
  readonly workflowId: string;
  /** Of its first run, if it continues as new. */
  readonly runId: string;
  /** @throws ChildWorkflowFailure, as `executeSparkApplication` */
  result(): Promise<SparkApplicationResult>;
  /** Stops the driver gracefully; resolves when the request is delivered. */
  cancel(): Promise<void>;
}

/** The same for a pipeline. `Outputs` are its outputs by name, where TypeScript knows them (`definePipeline`). */
export interface SparkPipelineChildHandle<Outputs = Readonly<Record<string, unknown>>> {
  readonly workflowId: string;
  /** Of its first run, if it continues as new. */
  readonly runId: string;
  /** @throws ChildWorkflowFailure, as `executeSparkPipeline` */
  result(): Promise<SparkPipelineResult<Outputs>>;
  /** Ends the running stages gracefully and runs the clean-up stages; resolves when the request is delivered. */
  cancel(): Promise<void>;
  /** Starts no more stages until `resume`; running stages continue. A pause by a user is independent of it. */
  pause(note?: string): Promise<void>;
  resume(): Promise<void>;
}

/**
 * Runs a Spark application as a child workflow of the caller and returns its result. Retries are the manifest's
 * (`spec.restartPolicy`): the application is refused under a cron schedule or a retry policy of Temporal.
 *
 * @throws ChildWorkflowFailure whose cause is an ApplicationFailure `SparkApplicationFailed` with the result as detail
 */
export function executeSparkApplication(
  manifest: SparkApplicationManifest,
  options: SparkApplicationChildOptions = {},
): Promise<SparkApplicationResult> {
  const child = applicationChild(manifest, options);
  return executeChild(SPARK_APPLICATION_WORKFLOW, child) as Promise<SparkApplicationResult>;
}

/** Starts a Spark application as a child workflow of the caller; resolves when it has started. */
export async function startSparkApplication(
  manifest: SparkApplicationManifest,
  options: SparkApplicationChildOptions = {},
): Promise<SparkApplicationChildHandle> {
  const child = await startChild(SPARK_APPLICATION_WORKFLOW, applicationChild(manifest, options));
  return handleOf<SparkApplicationResult>(child);
}

/**
 * Runs a pipeline as a child workflow of the caller and returns its result.
 *
 * @throws ChildWorkflowFailure whose cause is an ApplicationFailure `SparkPipelineFailed` with the result as detail
 */
export function executeSparkPipeline<P extends ParameterDeclarations, O extends Types>(
  manifest: TypedPipeline<P, O>,
  ...options: TypedOptions<P>
): Promise<SparkPipelineResult<OutputValues<O>>>;
export function executeSparkPipeline(
  manifest: UntypedPipeline,
  options?: SparkPipelineChildOptions,
): Promise<SparkPipelineResult>;
export function executeSparkPipeline(
  manifest: SparkPipelineManifest,
  options: SparkPipelineChildOptions = {},
): Promise<SparkPipelineResult> {
  return executeChild(SPARK_PIPELINE_WORKFLOW, pipelineChild(manifest, options)) as Promise<SparkPipelineResult>;
}

/** Starts a pipeline as a child workflow of the caller; resolves when it has started. */
export function startSparkPipeline<P extends ParameterDeclarations, O extends Types>(
  manifest: TypedPipeline<P, O>,
  ...options: TypedOptions<P>
): Promise<SparkPipelineChildHandle<OutputValues<O>>>;
export function startSparkPipeline(
  manifest: UntypedPipeline,
  options?: SparkPipelineChildOptions,
): Promise<SparkPipelineChildHandle>;
export async function startSparkPipeline(
  manifest: SparkPipelineManifest,
  options: SparkPipelineChildOptions = {},
): Promise<SparkPipelineChildHandle> {
  const child = await startChild(SPARK_PIPELINE_WORKFLOW, pipelineChild(manifest, options));
  return {
    ...handleOf<SparkPipelineResult>(child),
    pause: (note) => child.signal(parentPausedSignal, note === undefined ? { paused: true } : { paused: true, note }),
    resume: () => child.signal(parentPausedSignal, { paused: false }),
  };
}

// The default, TERMINATE, would run no code of the child: the driver would continue and its end would not be recorded.
const graceful = {
  parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
  cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

function applicationChild(manifest: SparkApplicationManifest, options: SparkApplicationChildOptions) {
  const { name = '', namespace = 'default' } = manifest.metadata;
  return {
    staticSummary: applicationSummary(manifest),
    workflowId: sparkApplicationWorkflowId(namespace, name),
    ...graceful,
    ...options,
    args: [manifest],
  };
}

function pipelineChild(manifest: SparkPipelineManifest, given: SparkPipelineChildOptions) {
  const { run = pipelineRunName(new Date(), uuid4().slice(0, 8)), parameters, ...others } = given;
  const { scheduleTime, timeZone, history, maxHistoryEvents, ...options } = others;
  const { name = '', namespace = 'default' } = manifest.metadata;
  return {
    staticSummary: pipelineSummary(manifest),
    workflowId: sparkPipelineWorkflowId(namespace, name, run),
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    memo: { pipeline: name, run, stages: manifest.spec.stages.length },
    ...graceful,
    ...options,
    args: [manifest, { parameters, scheduleTime, timeZone, history, maxHistoryEvents }],
  };
}

function handleOf<Result>(child: ChildWorkflowHandle<Workflow>) {
  const { workflowId, firstExecutionRunId: runId } = child;
  return {
    workflowId,
    runId,
    result: () => child.result() as Promise<Result>,
    cancel: () => getExternalWorkflowHandle(workflowId).cancel(),
  };
}

export {
  ApplicationRequest,
  ApplicationState,
  cancelStageUpdate,
  CauseKind,
  DEFAULT_TASK_QUEUE,
  killUpdate,
  manifestQuery,
  pausePipelineUpdate,
  pipelineManifestQuery,
  PipelineState,
  pipelineStatusQuery,
  REQUEST_REFUSED,
  restartUpdate,
  resumePipelineUpdate,
  resumeUpdate,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_FAILED,
  SPARK_PIPELINE_WORKFLOW,
  sparkApplicationWorkflowId,
  sparkPipelineWorkflowId,
  StageState,
  statusQuery,
  suspendUpdate,
  updateManifestUpdate,
} from './protocol/index.ts';
export type {
  AttemptSummary,
  ExecutorCounts,
  FailureCause,
  KillRequest,
  ManifestUpdateResult,
  PlacementSummary,
  ShadowSummary,
  SparkApplicationResult,
  SparkApplicationStatus,
  SparkPipelineResult,
  SparkPipelineStatus,
  StageStatus,
  TeamDefault,
} from './protocol/index.ts';
export type { SparkApplicationManifest, SparkPipelineManifest } from './manifest/index.ts';
