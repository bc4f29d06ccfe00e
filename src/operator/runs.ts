import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import {
  InternalWorkflowStartOptionsSymbol,
  type InternalWorkflowStartOptions,
} from '@temporalio/client/lib/internal.js';
import { RequestErrorType } from '../client/explain-request.ts';
import { RegisteredAttributes } from '../client/registered-attributes.ts';
import { ApplicationRequestError, requestsTo, requestUpdate } from '../client/requests.ts';
import { isOpen, workflowEnd } from '../client/workflow-end.ts';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import {
  applicationAttributes,
  ApplicationState,
  applicationSummary,
  factsOfWorkflowId,
  killUpdate,
  readResource,
  RESOURCE_MEMO,
  SearchAttribute,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  sparkApplicationWorkflowId,
  statusQuery,
  updateManifestUpdate,
  type ResourceReference,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import type { Reported } from './compare-status.ts';
import type { Run } from './decide.ts';

/** A run that serves a resource, as Temporal's list has it: some moments behind. */
export interface ListedRun {
  readonly namespace: string;
  readonly name: string;
  readonly resource: ResourceReference;
  /** Absent where the search attributes are not registered. */
  readonly state?: ApplicationState;
}

export interface StartRun {
  readonly manifest: SparkApplicationManifest;
  readonly resource: ResourceReference;
  readonly requestId: string;
}

/** What a run reports, or has left, for the status of its resource. */
export interface LeftByRun {
  readonly reported: Reported;
  readonly startedAt: Date;
}

/** Of the kill of a run whose resource was deleted. */
const END_UPDATE_ID = 'resource-deleted';

/** A running worker answers within milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The workflows of resources. */
export class Runs {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly attributes = new RegisteredAttributes();

  constructor(client: Client, taskQueue: string) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  /** The latest run of an application; undefined where Temporal knows none. @throws ServiceError */
  async latest(namespace: string, name: string): Promise<Run | undefined> {
    try {
      const handle = this.client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name));
      const { runId, status, memo, taskQueue, closeTime: closedAt } = await handle.describe();
      // The workers of another task queue serve resources of another cluster.
      const resource = taskQueue === this.taskQueue ? readResource(memo) : undefined;
      return { runId, isOpen: isOpen(status.name), ...present({ resource, closedAt }) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /**
   * Starts a run. Temporal answers a repeated request with the run that exists, whether it is open or closed.
   *
   * @returns false where another run has the name
   * @throws ServiceError
   */
  async start({ manifest, resource, requestId }: StartRun): Promise<boolean> {
    const { namespace = 'default', name = '' } = manifest.metadata;
    const { sparkVersion, image = '' } = manifest.spec as Partial<SparkApplicationManifest['spec']>;
    try {
      await this.attributes.start(applicationAttributes(namespace, name), (attributes) => {
        const options: InternalWorkflowStartOptions & { args: [SparkApplicationManifest] } = {
          workflowId: sparkApplicationWorkflowId(namespace, name),
          taskQueue: this.taskQueue,
          args: [manifest],
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          staticSummary: applicationSummary(manifest),
          memo: { ...present({ sparkVersion }), image, [RESOURCE_MEMO]: resource },
          ...attributes,
          // Internal, but the only way of the client to set it; test/unit/operator/runs.test.ts shows that it is sent.
          [InternalWorkflowStartOptionsSymbol]: { requestId },
        };
        return this.client.workflow.start(SPARK_APPLICATION_WORKFLOW, options);
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /**
   * Hands an edit to a run; replicas that do the same make one update of it.
   *
   * @throws ApplicationRequestError
   */
  async update(runId: string, manifest: SparkApplicationManifest, resource: ResourceReference): Promise<void> {
    const { namespace = 'default', name = '' } = manifest.metadata;
    const workflow = this.client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name), runId);
    const updateId = `resource-${resource.uid}-${resource.generation}`;
    const args = [manifest, resource];
    const sent = { client: this.client, workflow, verb: 'update', timeoutMs: ANSWER_TIMEOUT_MS };
    await requestUpdate(sent, { definition: updateManifestUpdate, args, updateId });
  }

  /**
   * Has the driver stopped; without a worker the request waits for one. Repeated requests, also those of other replicas,
   * are one: a driver may take minutes to stop, and each request would be in the history.
   *
   * @throws ServiceError
   */
  async end(namespace: string, name: string, runId: string, reason: string): Promise<void> {
    const workflow = this.client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name), runId);
    const sent = { client: this.client, workflow, verb: 'kill', timeoutMs: ANSWER_TIMEOUT_MS };
    try {
      await requestUpdate(sent, { definition: killUpdate, args: [{ reason }], updateId: END_UPDATE_ID });
    } catch (error) {
      if (!(error instanceof ApplicationRequestError)) throw error;
      switch (error.type) {
        // It has ended, or is being stopped.
        case RequestErrorType.Ended:
        case RequestErrorType.NotFound:
        case RequestErrorType.RequestRefused:
          return;
        case RequestErrorType.NoAnswer:
          return requestsTo(this.client, workflow, ANSWER_TIMEOUT_MS).kill();
        case RequestErrorType.InvalidManifest:
          throw error;
        default:
          error.type satisfies never;
          throw error;
      }
    }
  }

  /** What the latest run reports; takes a worker. @throws ServiceError */
  async reported(namespace: string, name: string): Promise<LeftByRun> {
    const workflow = this.client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name));
    const { startTime: startedAt } = await workflow.describe();
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    return { startedAt, reported: await this.client.withDeadline(deadline, () => workflow.query(statusQuery)) };
  }

  /** What a closed run has left; undefined where it is not closed. @throws ServiceError */
  async left(namespace: string, name: string, { runId }: Run): Promise<LeftByRun | undefined> {
    const workflow = this.client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name), runId);
    const description = await workflow.describe();
    if (isOpen(description.status.name)) return undefined;
    const { result, failure } = await workflowEnd(workflow, description, [SPARK_APPLICATION_FAILED]);
    // One that could not begin, or was terminated, has no result.
    const unfinished = { state: ApplicationState.Failed, ...present({ message: failure?.message }) };
    return { startedAt: description.startTime, reported: (result as Reported | undefined) ?? unfinished };
  }

  /** The open runs that serve resources. @throws ServiceError */
  async *open(): AsyncIterable<ListedRun> {
    const clauses = [`WorkflowType = '${SPARK_APPLICATION_WORKFLOW}'`, `ExecutionStatus = 'Running'`];
    const query = [...clauses, `TaskQueue = '${this.taskQueue.replaceAll(/['\\]/g, '\\$&')}'`].join(' AND ');
    for await (const { workflowId, memo, typedSearchAttributes } of this.client.workflow.list({
      query,
      pageSize: 1000,
    })) {
      const resource = readResource(memo);
      const { namespace, application: name } = factsOfWorkflowId(workflowId);
      if (resource !== undefined && namespace !== undefined && name !== undefined) {
        const state = typedSearchAttributes.get(SearchAttribute.State) as ApplicationState | undefined;
        yield { namespace, name, resource, ...present({ state }) };
      }
    }
  }
}
