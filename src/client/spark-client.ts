import {
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { parseSparkApplication, type SparkApplicationManifest } from '../manifest/index.ts';
import {
  applicationAttributes,
  applicationSummary,
  DEFAULT_TASK_QUEUE,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
  statusQuery,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from '../protocol/index.ts';
import { listExecutions, type ExecutionList, type ListExecutionsOptions } from './execution-list.ts';
import { liveDriver, type LiveSparkDriver } from './live-driver.ts';
import { nameSuffix } from './name-suffix.ts';
import { PipelineClient } from './pipeline-client.ts';
import { QueueClient } from './queue-client.ts';
import { RegisteredAttributes } from './registered-attributes.ts';
import { ScheduleClient } from './schedule-client.ts';
import { ANSWER_TIMEOUT_MS, requestsTo, type ApplicationRequests } from './requests.ts';

export interface SparkClientOptions {
  /** Task queue of the workers. @default "temporal-spark" */
  readonly taskQueue?: string;
  /**
   * How long a request to an application (suspend, resume, restart, a new manifest, a kill with a reason) waits for a
   * worker, in milliseconds. A worker answers within milliseconds. @default 15000
   */
  readonly answerTimeoutMs?: number;
}

export interface StartApplicationOptions {
  /** Workflow id. @default `spark/<namespace>/<name>`, so that one run of an application is open at a time */
  readonly workflowId?: string;
  /** What to do while the same application runs: refuse, attach to it, or end it first. @default FAIL */
  readonly conflict?: WorkflowIdConflictPolicy;
}

/** An application by name, or by the id of its workflow. */
export type ApplicationReference = string | { readonly namespace?: string; readonly name: string };

/** The application ended FAILED or CANCELLED, or its workflow was terminated; `result` is absent in that last case. */
export class SparkApplicationFailedError extends Error {
  override readonly name = 'SparkApplicationFailedError';
  readonly workflowId: string;
  readonly result: SparkApplicationResult | undefined;

  constructor(workflowId: string, message: string, result: SparkApplicationResult | undefined, cause?: unknown) {
    super(message, { cause });
    this.workflowId = workflowId;
    this.result = result;
  }
}

/** A started application. */
export interface SparkApplicationHandle extends ApplicationRequests {
  readonly workflowId: string;
  /** Run of this start: a later run of the same application is not mistaken for it. */
  readonly runId: string;
  /** @throws SparkApplicationFailedError when it did not complete */
  result(): Promise<SparkApplicationResult>;
  describe(): Promise<SparkApplicationDescription>;
}

export interface SparkApplicationDescription {
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly workflowStatus: string;
  /** From the workflow's own memory; absent where no worker could answer. */
  readonly status?: SparkApplicationStatus;
  /** What the workflow is doing now, and why it is not getting on. */
  readonly pending: readonly PendingActivity[];
  /** The driver as the worker that waits for it saw it last. */
  readonly driver?: LiveSparkDriver;
  readonly startTime: Date;
  readonly closeTime?: Date;
}

export interface PendingActivity {
  readonly activity: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly lastFailure?: string;
}

/**
 * Starts and follows Spark applications over a Temporal client.
 *
 * @example
 * const spark = new SparkClient(client);
 * const application = await spark.start(manifest);
 * const { exitCode } = await application.result();
 */
export class SparkClient {
  /** Runs of pipelines. */
  readonly pipelines: PipelineClient;
  /** Schedules of applications and pipelines. */
  readonly schedules: ScheduleClient;
  /** Queues of pools that take a limited number of applications. */
  readonly queues: QueueClient;
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly answerTimeoutMs: number;
  private readonly attributes = new RegisteredAttributes();

  /** @throws RangeError where `answerTimeoutMs` is not a positive number */
  constructor(
    client: Client,
    { taskQueue = DEFAULT_TASK_QUEUE, answerTimeoutMs = ANSWER_TIMEOUT_MS }: SparkClientOptions = {},
  ) {
    if (!Number.isFinite(answerTimeoutMs) || answerTimeoutMs <= 0) {
      throw new RangeError(`answerTimeoutMs must be a positive number of milliseconds, not ${answerTimeoutMs}`);
    }
    this.client = client;
    this.taskQueue = taskQueue;
    this.answerTimeoutMs = answerTimeoutMs;
    const { attributes } = this;
    this.pipelines = new PipelineClient(client, { taskQueue, attributes });
    this.queues = new QueueClient(client);
    this.schedules = new ScheduleClient(client, { taskQueue, attributes });
  }

  /**
   * Starts the application a manifest describes; resolves when the workflow is recorded.
   *
   * @throws ManifestError with every problem of the manifest; nothing was started
   * @throws WorkflowExecutionAlreadyStartedError while the application runs, with the default conflict policy
   */
  async start(
    manifest: SparkApplicationManifest,
    { workflowId, conflict = WorkflowIdConflictPolicy.FAIL }: StartApplicationOptions = {},
  ): Promise<SparkApplicationHandle> {
    const application = parseSparkApplication(manifest, { nameSuffix: nameSuffix() });
    const { namespace = 'default', name } = application.metadata;
    const { sparkVersion } = application.spec;
    const handle = await this.attributes.start(applicationAttributes(namespace, name), (attributes) =>
      this.client.workflow.start(SPARK_APPLICATION_WORKFLOW, {
        workflowId: workflowId ?? sparkApplicationWorkflowId(namespace, name),
        taskQueue: this.taskQueue,
        args: [application],
        workflowIdConflictPolicy: conflict,
        staticSummary: applicationSummary(application),
        memo: { sparkVersion, image: application.spec.image ?? '' },
        ...attributes,
      }),
    );
    return this.handle(handle.workflowId, handle.firstExecutionRunId);
  }

  /** What runs and what has ended, newest first; Temporal's list lags some moments behind. */
  list(options: ListExecutionsOptions = {}): Promise<ExecutionList> {
    return listExecutions(this.client, this.attributes, options);
  }

  /** @throws SparkApplicationFailedError when it did not complete */
  result(application: ApplicationReference): Promise<SparkApplicationResult> {
    return resultOf(this.workflow(application));
  }

  async describe(application: ApplicationReference): Promise<SparkApplicationDescription> {
    return this.withPlace(await describe(this.workflow(application)));
  }

  /** The driver as the worker that waits for it saw it last; absent while none is waited for. Needs no worker. */
  async driver(application: ApplicationReference): Promise<LiveSparkDriver | undefined> {
    const workflow = this.workflow(application);
    return (await liveDriver(workflow, await workflow.describe())).driver;
  }

  /** Stops the driver; the application stays SUSPENDED until it is resumed. @throws ApplicationRequestError */
  suspend(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).suspend();
  }

  /** Submits a suspended application again. @throws ApplicationRequestError */
  resume(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).resume();
  }

  /** Stops the driver and begins anew at once, with no failure counted. @throws ApplicationRequestError */
  restart(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).restart();
  }

  /** Replaces the manifest of a running application. @throws ManifestError, ApplicationRequestError */
  async updateManifest(manifest: SparkApplicationManifest): Promise<ManifestUpdateResult> {
    const { metadata } = parseSparkApplication(manifest);
    return this.requests(this.workflow(metadata)).updateManifest(manifest);
  }

  /**
   * Stops the driver gracefully and ends the application as CANCELLED; resolves when the request is recorded, not when
   * it is done. Without a reason or a grace period it is Temporal's cancel, which is recorded although no worker is
   * there.
   *
   * @throws ApplicationRequestError
   */
  kill(application: ApplicationReference, request?: KillRequest): Promise<void> {
    return this.requests(this.workflow(application)).kill(request);
  }

  /** The place that the queue itself knows: the workflow is told of it only now and then. */
  private async withPlace(description: SparkApplicationDescription): Promise<SparkApplicationDescription> {
    const { status } = description;
    if (status?.queue === undefined) return description;
    const queue = await this.queues.describe(status.queue.name).catch(() => undefined);
    const place = (queue?.waiting.findIndex(({ holder }) => holder === status.submissionId) ?? -1) + 1;
    if (queue === undefined || place === 0) return description;
    return { ...description, status: { ...status, queue: { ...status.queue, place, waiting: queue.waiting.length } } };
  }

  private requests(workflow: WorkflowHandle): ApplicationRequests {
    return requestsTo(workflow, this.answerTimeoutMs);
  }

  private workflow(application: ApplicationReference): WorkflowHandle {
    const workflowId =
      typeof application === 'string'
        ? application
        : sparkApplicationWorkflowId(application.namespace ?? 'default', application.name);
    return this.client.workflow.getHandle(workflowId);
  }

  private handle(workflowId: string, runId: string): SparkApplicationHandle {
    const started = this.client.workflow.getHandle(workflowId, runId);
    // The newest run of the id, refused where that belongs to a later start.
    const newest = this.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
    /** The last run of this start: it may have continued as new, and the application may have been started again. */
    const last = async () => {
      const { raw } = await newest.describe();
      return raw.workflowExecutionInfo?.firstRunId === runId ? newest : started;
    };
    return {
      workflowId,
      runId,
      result: () => resultOf(started, last),
      describe: async () => describe(await last()),
      ...this.requests(newest),
    };
  }
}

/** Waits along runs that continue as new; what the last of them left behind is asked of `last`. */
async function resultOf(
  workflow: WorkflowHandle,
  last: () => Promise<WorkflowHandle> = () => Promise.resolve(workflow),
): Promise<SparkApplicationResult> {
  try {
    return (await workflow.result()) as SparkApplicationResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const message = cause?.message ?? error.message;
    const result = await failedResult(last, cause);
    throw new SparkApplicationFailedError(workflow.workflowId, message, result, error);
  }
}

async function failedResult(
  last: () => Promise<WorkflowHandle>,
  cause: Error | undefined,
): Promise<SparkApplicationResult | undefined> {
  if (cause instanceof ApplicationFailure && cause.type === SPARK_APPLICATION_FAILED) {
    return cause.details?.[0] as SparkApplicationResult | undefined;
  }
  if (cause instanceof CancelledFailure) {
    const { memo } = await (await last()).describe();
    return memo?.[RESULT_MEMO] as SparkApplicationResult | undefined;
  }
  return undefined;
}

async function describe(workflow: WorkflowHandle): Promise<SparkApplicationDescription> {
  const description = await workflow.describe();
  const status = await queryStatus(workflow);
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    taskQueue: description.taskQueue,
    workflowStatus: description.status.name,
    ...(status === undefined ? {} : { status }),
    pending: pendingSteps(description),
    ...(await liveDriver(workflow, description)),
    startTime: description.startTime,
    ...(description.closeTime === undefined ? {} : { closeTime: description.closeTime }),
  };
}

/** The status is the workflow's memory: it takes a worker to answer, so none may be there to. */
async function queryStatus(workflow: WorkflowHandle): Promise<SparkApplicationStatus | undefined> {
  try {
    return await workflow.client.withDeadline(Date.now() + 5_000, () => workflow.query(statusQuery));
  } catch {
    return undefined;
  }
}

function pendingSteps({ raw }: WorkflowExecutionDescription): PendingActivity[] {
  return (raw.pendingActivities ?? []).map((activity) => ({
    activity: activity.activityType?.name ?? '',
    attempt: activity.attempt ?? 1,
    ...(activity.lastFailure?.message ? { lastFailure: activity.lastFailure.message } : {}),
  }));
}
