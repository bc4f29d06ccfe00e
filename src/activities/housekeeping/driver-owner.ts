import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import type { Pod } from '../../kubernetes/objects.ts';
import { Annotation } from '../../spark/metadata.ts';
import { present } from '../../validation/present.ts';

/** The run of a workflow that a driver was made for, as its annotations have it. */
export interface DriverOwner {
  readonly temporalNamespace: string;
  /** Absent on what was made before it was written, or where it could not be asked. */
  readonly temporalNamespaceId?: string;
  readonly workflowId: string;
  /** First run of the workflow's chain: continued and reset runs belong to it, a new start does not. */
  readonly firstRunId: string;
}

/** Whether a workflow will still release the driver; `why` is for people. */
export type OwnerState =
  | { readonly state: 'open' }
  /** `byItself`: it recorded the end of the driver, or `NeverCreated`; it was not terminated. */
  | { readonly state: 'closed'; readonly why: string; readonly byItself: boolean }
  /** Temporal knows no such workflow: its history is gone, or it never was this Temporal's. */
  | { readonly state: 'unknown'; readonly why: string };

const OPEN: ReadonlySet<string> = new Set(['RUNNING', 'PAUSED']);
const BY_ITSELF: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

/** Undefined where the pod lacks the annotations. */
export function ownerOf({ metadata: { annotations = {} } = {} }: Pod): DriverOwner | undefined {
  const temporalNamespace = annotations[Annotation.TemporalNamespace];
  const workflowId = annotations[Annotation.WorkflowId];
  const firstRunId = annotations[Annotation.FirstRunId];
  if (temporalNamespace === undefined || workflowId === undefined || firstRunId === undefined) return undefined;
  const id = annotations[Annotation.TemporalNamespaceId];
  return { temporalNamespace, workflowId, firstRunId, ...present({ temporalNamespaceId: id }) };
}

/**
 * Asks Temporal, in the namespace of the client.
 *
 * @throws ServiceError where Temporal is unreachable: the state of the workflow is unknown
 */
export async function ownerState(temporal: Client, owner: DriverOwner): Promise<OwnerState> {
  const { workflowId, firstRunId, temporalNamespaceId } = owner;
  // The latest run of that id: an id has at most one open run, and a chain continues in its latest.
  const latest = await describeRun(temporal, workflowId);
  if (latest === undefined) return { state: 'unknown', why: `Temporal has no record of its workflow ${workflowId}` };
  const { status, runId, raw } = latest;
  const latestChain = raw.workflowExecutionInfo?.firstRunId;
  // Servers before 1.25 do not report the chain: then an open run of that id counts as the driver's.
  const sameChain = !latestChain || latestChain === firstRunId;
  if (OPEN.has(status.name) && sameChain) return { state: 'open' };
  if (latestChain === firstRunId) {
    return {
      state: 'closed',
      why: `its workflow ${workflowId} is ${status.name}`,
      byItself: BY_ITSELF.has(status.name),
    };
  }
  const own = await describeRun(temporal, workflowId, firstRunId);
  // Another Temporal may have a namespace and a workflow of these names; no other has a run of that ID.
  if (own === undefined && temporalNamespaceId === undefined) {
    return { state: 'unknown', why: `Temporal has no record of run ${firstRunId} of its workflow ${workflowId}` };
  }
  return {
    state: 'closed',
    why: sameChain
      ? `its workflow ${workflowId} is ${status.name}`
      : `its run of workflow ${workflowId} is closed; the latest run, ${runId}, was started later`,
    // The first run of a chain that continued as new, or was reset, does not show how the chain ended.
    byItself: own !== undefined && BY_ITSELF.has(own.status.name) && !own.raw.workflowExtendedInfo?.resetRunId,
  };
}

/** The latest run without `runId`; undefined where Temporal has no record of it. */
async function describeRun(
  temporal: Client,
  workflowId: string,
  runId?: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await temporal.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
