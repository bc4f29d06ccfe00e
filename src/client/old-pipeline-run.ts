import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import type { SparkPipelineManifest } from '../manifest/index.ts';
import { oldPipelineWorkflowId } from '../protocol/index.ts';
import { firstArgument } from './recorded-manifest.ts';

/** What is known of a run that has the id of 0.1. */
export interface OldPipelineRun {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly status: WorkflowExecutionDescription['status']['name'];
}

/**
 * The run that 0.1 started as `pipeline/<name>/<run>`, by the id that it would have now. It must be of that namespace,
 * which is in its manifest. Until 1.0.
 */
export async function oldPipelineRun(client: Client, workflowId: string): Promise<OldPipelineRun | undefined> {
  const oldId = oldPipelineWorkflowId(workflowId);
  const found = oldId === undefined ? undefined : await describeIfThere(client, oldId);
  if (found === undefined || (await namespaceOf(client, found)) !== workflowId.split('/')[1]) return undefined;
  const { raw, runId, status } = found;
  return {
    workflowId: found.workflowId,
    firstRunId: raw.workflowExecutionInfo?.firstRunId || runId,
    status: status.name,
  };
}

/** An id as it is, or that of 0.1 where only such a run exists. */
export async function existingPipelineRun(client: Client, workflowId: string): Promise<string> {
  if (oldPipelineWorkflowId(workflowId) === undefined) return workflowId;
  if ((await describeIfThere(client, workflowId)) !== undefined) return workflowId;
  return (await oldPipelineRun(client, workflowId))?.workflowId ?? workflowId;
}

async function describeIfThere(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** From the first event of its history, the start, whose first argument is the manifest: no worker is needed. */
async function namespaceOf(
  client: Client,
  { workflowId, runId }: WorkflowExecutionDescription,
): Promise<string | undefined> {
  const manifest = await firstArgument<Partial<SparkPipelineManifest> | null>(client, { workflowId, runId });
  if (manifest === undefined) return undefined;
  return manifest?.metadata?.namespace ?? 'default';
}
