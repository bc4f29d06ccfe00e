import { QueryNotRegisteredError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import type { SparkApplicationManifest, SparkPipelineManifest } from '../manifest/index.ts';
import { decodePayload } from './decode-payload.ts';
import { explainRequest, isUnanswered, type RequestErrorType } from './explain-request.ts';

/** The manifest of an application or a pipeline run, from its workflow or its history. */
export interface RecordedManifest<M extends SparkApplicationManifest | SparkPipelineManifest> {
  readonly manifest: M;
  readonly taskQueue: string;
  /**
   * `workflow`: as the workflow runs it, updates included. `start`: as it was started, from its history, because no worker
   * answered.
   */
  readonly source: 'workflow' | 'start';
}

export interface ReadManifestOptions<M> {
  readonly client: Client;
  readonly workflow: WorkflowHandle;
  readonly query: QueryDefinition<M>;
  readonly kind: string;
  readonly timeoutMs: number;
  /** Makes the error of a request that failed. */
  readonly error: (type: RequestErrorType, message: string, cause: unknown) => Error;
}

/** Asks the workflow, which needs a worker, also of one that has ended; otherwise reads its history. */
export async function readRecordedManifest<M extends SparkApplicationManifest | SparkPipelineManifest>({
  error: errorOf,
  ...options
}: ReadManifestOptions<M>): Promise<RecordedManifest<M>> {
  const { client, workflow, query, kind, timeoutMs } = options;
  try {
    const { taskQueue, runId } = await workflow.describe();
    try {
      const manifest = await workflow.client.withDeadline(Date.now() + timeoutMs, () => workflow.query(query));
      return { manifest, taskQueue, source: 'workflow' };
    } catch (error) {
      // A workflow that refused its input answers no query.
      const isRefused = error instanceof QueryNotRegisteredError;
      if (!isRefused && !isUnanswered(error)) throw error;
      const manifest = await firstArgument<M>(client, { workflowId: workflow.workflowId, runId });
      if (manifest?.kind === kind) return { manifest, taskQueue, source: 'start' };
      // The run of a schedule starts with the manifest of the schedule: only the workflow has its own.
      if (!isRefused) throw error;
      const why = `Cannot read the manifest of ${workflow.workflowId}: what it was started with is not a ${kind}.`;
      throw errorOf('InvalidManifest', why, error);
    }
  } catch (error) {
    const problem = await explainRequest({ client, workflow, verb: 'read the manifest of', timeoutMs }, error);
    throw problem === undefined ? error : errorOf(problem.type, problem.message, error);
  }
}

/** From the first event of its history, the start: no worker is needed. */
export async function firstArgument<T>(
  { options, workflowService }: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<T | undefined> {
  const { history } = await workflowService.getWorkflowExecutionHistory({
    namespace: options.namespace,
    execution,
    maximumPageSize: 1,
  });
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return payload == null ? undefined : decodePayload<T>(options.loadedDataConverter, payload);
}
