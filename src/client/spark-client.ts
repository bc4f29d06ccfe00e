import { WorkflowIdConflictPolicy, type Client, type WorkflowHandle } from '@temporalio/client';
import type { SparkApplication, SparkApplicationManifest } from '../manifest/index.ts';
import {
  applicationAttributes,
  applicationSummary,
  DEFAULT_TASK_QUEUE,
  manifestQuery,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from '../protocol/index.ts';
import { applicationLogs, type ApplicationLogs, type ApplicationLogsOptions } from './application-logs.ts';
import { applicationResult } from './application-result.ts';
import { describeApplication, type SparkApplicationDescription } from './describe-application.ts';
import { listExecutions, type ExecutionList, type ListExecutionsOptions } from './execution-list.ts';
import { liveDriver, type LiveSparkDriver } from './live-driver.ts';
import { loadManifests } from './load-manifests.ts';
import { nameSuffix } from './name-suffix.ts';
import { PipelineClient } from './pipeline-client.ts';
import { QueueClient } from './queue-client.ts';
import { readRecordedManifest, type RecordedManifest } from './recorded-manifest.ts';
import { RegisteredAttributes } from './registered-attributes.ts';
import { refuseTermination, type StartConflictPolicy } from './start-policy.ts';
import { ScheduleClient } from './schedule-client.ts';
import { isOpen } from './workflow-end.ts';
import { lastRun } from './workflow-result.ts';
import { ANSWER_TIMEOUT_MS, ApplicationRequestError, requestsTo, type ApplicationRequests } from './requests.ts';

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
  /** What to do while the same application runs. @default FAIL */
  readonly conflict?: StartConflictPolicy;
  /** The manifest is a result of `parseSparkApplication`, as it was returned: it is not checked again. @default false */
  readonly checked?: boolean;
}

export interface RetryApplicationOptions {
  /** Instead of the recorded manifest; of the same application. @default the manifest of the run that has ended */
  readonly manifest?: SparkApplicationManifest;
}

/** The application cannot be started again. */
export class RetryError extends Error {
  override readonly name = 'RetryError';
}

/** An application by name, or by the id of its workflow. */
export type ApplicationReference = string | { readonly namespace?: string; readonly name: string };

/** A started application. */
export interface SparkApplicationHandle extends ApplicationRequests {
  readonly workflowId: string;
  /** Run of this start: a later run of the same application is not mistaken for it. */
  readonly runId: string;
  /** @throws SparkApplicationFailedError when it did not complete */
  result(): Promise<SparkApplicationResult>;
  describe(): Promise<SparkApplicationDescription>;
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
    this.pipelines = new PipelineClient(client, { taskQueue, attributes, answerTimeoutMs });
    this.queues = new QueueClient(client, answerTimeoutMs);
    this.schedules = new ScheduleClient(client, { taskQueue, attributes });
  }

  /**
   * Starts the application a manifest describes; resolves when the workflow is recorded.
   *
   * @throws ManifestError with every problem of the manifest; nothing was started
   * @throws WorkflowExecutionAlreadyStartedError while the application runs, with the default conflict policy
   * @throws RangeError for the conflict policy TERMINATE_EXISTING; nothing was started
   */
  start(manifest: SparkApplicationManifest, options: StartApplicationOptions = {}): Promise<SparkApplicationHandle> {
    return this.startOn(this.taskQueue, manifest, options);
  }

  private async startOn(
    taskQueue: string,
    manifest: SparkApplicationManifest,
    { workflowId: givenId, conflict = WorkflowIdConflictPolicy.FAIL, checked = false }: StartApplicationOptions,
  ): Promise<SparkApplicationHandle> {
    const application = checked
      ? (manifest as SparkApplication)
      : (await loadManifests()).parseSparkApplication(manifest, { nameSuffix });
    const { namespace, name } = application.metadata;
    const workflowId = givenId ?? sparkApplicationWorkflowId(namespace, name);
    refuseTermination(conflict, `the application ${workflowId}`, 'Kill it');
    const { sparkVersion } = application.spec;
    const handle = await this.attributes.start(applicationAttributes(namespace, name), (attributes) =>
      this.client.workflow.start(SPARK_APPLICATION_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [application],
        workflowIdConflictPolicy: conflict,
        staticSummary: applicationSummary(application),
        memo: { sparkVersion, image: application.spec.image ?? '' },
        ...attributes,
      }),
    );
    return this.handle(handle.workflowId, handle.firstExecutionRunId);
  }

  /** Running and ended applications or pipelines, newest first; Temporal's list lags some moments behind. */
  list(options: ListExecutionsOptions = {}): Promise<ExecutionList> {
    return listExecutions(this.client, this.attributes, options);
  }

  /** @throws SparkApplicationFailedError when it did not complete */
  result(application: ApplicationReference): Promise<SparkApplicationResult> {
    return applicationResult(this.workflow(application));
  }

  async describe(application: ApplicationReference): Promise<SparkApplicationDescription> {
    return this.withPlace(await describeApplication(this.client, this.workflow(application)));
  }

  /** The manifest of an application, also of one that has ended. @throws ApplicationRequestError */
  manifest(application: ApplicationReference): Promise<RecordedManifest<SparkApplicationManifest>> {
    return readRecordedManifest({
      client: this.client,
      workflow: this.workflow(application),
      query: manifestQuery,
      kind: 'SparkApplication',
      timeoutMs: this.answerTimeoutMs,
      Rejection: ApplicationRequestError,
    });
  }

  /**
   * Starts an application that has ended again, under the same workflow id and on the same task queue.
   *
   * @throws RetryError while it runs, and for a stage of a pipeline
   * @throws ApplicationRequestError where it does not exist, or its manifest cannot be read
   * @throws ManifestError with every problem of the manifest; nothing was started
   */
  async retry(
    application: ApplicationReference,
    { manifest: changed }: RetryApplicationOptions = {},
  ): Promise<SparkApplicationHandle> {
    const { workflowId } = this.workflow(application);
    if (workflowId.startsWith('pipeline/')) {
      throw new RetryError(
        `Cannot run ${workflowId} again by itself: it is a stage of a pipeline; run the pipeline again, from this stage.`,
      );
    }
    const { status } = await this.client.workflow.getHandle(workflowId).describe();
    if (isOpen(status.name)) {
      throw new RetryError(`Cannot run ${workflowId} again while it is running; kill it, or wait for its end.`);
    }
    const { manifest, taskQueue } = await this.manifest(workflowId);
    return this.startOn(taskQueue, changed ?? manifest, { workflowId });
  }

  /** The driver as the worker that waits for it saw it last; absent while none is waited for. Needs no worker. */
  async driver(application: ApplicationReference): Promise<LiveSparkDriver | undefined> {
    const workflow = this.workflow(application);
    return liveDriver(workflow, await workflow.describe());
  }

  /**
   * The logs of an attempt, from the kubelet where a pod exists, else from the archive, else the recorded end.
   *
   * @example
   * const logs = await spark.logs('pi', { kubernetes: await connectKubernetes(), archive: await openLogArchive('/logs') });
   * for await (const bytes of await logs.driver({ follow: true })) process.stdout.write(bytes);
   *
   * @throws LogsError where nothing has started yet, LogNotFoundError where no source has the log
   */
  logs(application: ApplicationReference, options?: ApplicationLogsOptions): Promise<ApplicationLogs> {
    return applicationLogs(this.client, this.workflow(application), options);
  }

  /** Stops the driver; the application stays SUSPENDED until it is resumed. @throws ApplicationRequestError */
  suspend(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).suspend();
  }

  /** Submits a suspended application again. @throws ApplicationRequestError */
  resume(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).resume();
  }

  /** Stops the driver and starts again at once; the failure counters are reset. @throws ApplicationRequestError */
  restart(application: ApplicationReference): Promise<SparkApplicationStatus> {
    return this.requests(this.workflow(application)).restart();
  }

  /** Replaces the manifest of a running application. @throws ManifestError, ApplicationRequestError */
  async updateManifest(manifest: SparkApplicationManifest): Promise<ManifestUpdateResult> {
    const { parseSparkApplication } = await loadManifests();
    const { metadata } = parseSparkApplication(manifest);
    return this.requests(this.workflow(metadata)).updateManifest(manifest);
  }

  /**
   * Stops the driver gracefully and ends the application as CANCELLED; resolves when the request is recorded, not when
   * it is done. Without a reason or a grace period it is Temporal's cancel, which is recorded even without a
   * worker.
   *
   * @throws ApplicationRequestError
   */
  kill(application: ApplicationReference, request?: KillRequest): Promise<void> {
    return this.requests(this.workflow(application)).kill(request);
  }

  /** The place that the queue itself knows: the workflow gets it only now and then. */
  private async withPlace(description: SparkApplicationDescription): Promise<SparkApplicationDescription> {
    const { status } = description;
    if (status?.queue === undefined) return description;
    const queue = await this.queues.describe(status.queue.name).catch(() => undefined);
    const place = (queue?.waiting.findIndex(({ holder }) => holder === status.submissionId) ?? -1) + 1;
    if (queue === undefined || place === 0) return description;
    return { ...description, status: { ...status, queue: { ...status.queue, place, waiting: queue.waiting.length } } };
  }

  private requests(workflow: WorkflowHandle): ApplicationRequests {
    return requestsTo(this.client, workflow, this.answerTimeoutMs);
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
    return {
      workflowId,
      runId,
      result: () => applicationResult(started, runId),
      describe: async () => describeApplication(this.client, await lastRun(started, runId)),
      ...this.requests(newest),
    };
  }
}
