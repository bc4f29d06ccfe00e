import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import type { SparkApplicationManifest, SparkPipelineManifest } from '../manifest/index.ts';
import { decodePayload } from '../protocol/index.ts';
import { explained, isUnanswered, type SentRequest } from './explain-request.ts';

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

export interface ReadManifestOptions<M> extends Omit<SentRequest, 'verb'> {
  readonly query: QueryDefinition<M>;
  readonly kind: string;
}

/** Asks the workflow, which needs a worker, also of one that has ended; otherwise reads its history. */
export function readRecordedManifest<M extends SparkApplicationManifest | SparkPipelineManifest>({
  query,
  kind,
  ...options
}: ReadManifestOptions<M>): Promise<RecordedManifest<M>> {
  const { client, workflow, timeoutMs, Rejection } = options;
  return explained({ ...options, verb: 'read the manifest of' }, async () => {
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
      throw new Rejection('InvalidManifest', workflow.workflowId, why, error);
    }
  });
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
