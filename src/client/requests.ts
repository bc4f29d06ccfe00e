import {
  isGrpcDeadlineError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { present } from '../validation/present.ts';
import {
  FailureType,
  killUpdate,
  restartUpdate,
  resumeUpdate,
  suspendUpdate,
  updateManifestUpdate,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationStatus,
} from '../protocol/index.ts';

/** Why a request was not accepted; nothing was changed, except perhaps without an answer. */
export const ApplicationRequestErrorType = {
  /** It is not possible in the current state; the message lists the allowed requests. */
  RequestRefused: FailureType.RequestRefused,
  /** A new manifest has problems. */
  InvalidManifest: FailureType.InvalidManifest,
  /** The application does not exist, or it has ended. */
  ApplicationNotRunning: 'ApplicationNotRunning',
  /** No worker accepted it in time. It may still be accepted: read the status before trying again. */
  NoAnswer: 'NoAnswer',
} as const;
export type ApplicationRequestErrorType =
  (typeof ApplicationRequestErrorType)[keyof typeof ApplicationRequestErrorType];

export class ApplicationRequestError extends Error {
  override readonly name = 'ApplicationRequestError';
  readonly type: ApplicationRequestErrorType;
  readonly workflowId: string;

  constructor(type: ApplicationRequestErrorType, workflowId: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
    this.workflowId = workflowId;
  }
}

/** The requests to an application. Each resolves when the request is accepted, not when it is done. */
export interface ApplicationRequests {
  suspend(): Promise<SparkApplicationStatus>;
  resume(): Promise<SparkApplicationStatus>;
  restart(): Promise<SparkApplicationStatus>;
  updateManifest(manifest: SparkApplicationManifest): Promise<ManifestUpdateResult>;
  kill(request?: KillRequest): Promise<void>;
}

/** A running worker answers within milliseconds. */
export const ANSWER_TIMEOUT_MS = 15_000;

export interface UpdateRequest<R, A extends unknown[]> {
  readonly definition: UpdateDefinition<R, A>;
  readonly args: readonly unknown[];
  /** Requests of the same id are one. @default a request of its own */
  readonly updateId?: string;
  readonly answerTimeoutMs: number;
}

/** @throws ApplicationRequestError */
export async function requestUpdate<R, A extends unknown[]>(
  workflow: WorkflowHandle,
  { definition: { name }, args, updateId, answerTimeoutMs }: UpdateRequest<R, A>,
): Promise<R> {
  try {
    return await workflow.client.withDeadline(Date.now() + answerTimeoutMs, () =>
      workflow.executeUpdate<R, [unknown, ...unknown[]]>(name, { args: args as [unknown], ...present({ updateId }) }),
    );
  } catch (error) {
    throw explained(workflow.workflowId, error, answerTimeoutMs);
  }
}

export function requestsTo(workflow: WorkflowHandle, answerTimeoutMs: number): ApplicationRequests {
  const update = <R, A extends unknown[]>(definition: UpdateDefinition<R, A>, ...args: unknown[]): Promise<R> =>
    requestUpdate(workflow, { definition, args, answerTimeoutMs });
  return {
    suspend: () => update(suspendUpdate),
    resume: () => update(resumeUpdate),
    restart: () => update(restartUpdate),
    updateManifest: (manifest) => update(updateManifestUpdate, manifest),
    kill: async (request) => {
      if (request !== undefined) {
        await update(killUpdate, request);
        return;
      }
      try {
        await workflow.cancel();
      } catch (error) {
        throw explained(workflow.workflowId, error, answerTimeoutMs);
      }
    },
  };
}

function explained(workflowId: string, error: unknown, answerTimeoutMs: number): unknown {
  const problem = (type: ApplicationRequestErrorType, message: string) =>
    new ApplicationRequestError(type, workflowId, message, error);
  if (error instanceof WorkflowNotFoundError) {
    return problem(
      'ApplicationNotRunning',
      `${workflowId} is not running: it does not exist, or it has ended. The workflow id of an application is spark/<namespace>/<name>.`,
    );
  }
  if (error instanceof WorkflowUpdateFailedError) {
    // The activity that checks a manifest fails with the problems as the cause of the update's failure.
    for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
      if (!(cause instanceof ApplicationFailure)) continue;
      if (cause.type === FailureType.RequestRefused || cause.type === FailureType.InvalidManifest)
        return problem(cause.type, cause.message);
    }
  }
  if (isTimeout(error)) {
    return problem(
      'NoAnswer',
      `No worker accepted the request for ${workflowId} within ${answerTimeoutMs / 1000} s; start one:  temporal-spark worker`,
    );
  }
  return error;
}

function isTimeout(error: unknown): boolean {
  const causes: unknown[] = [error, error instanceof Error ? error.cause : undefined];
  return error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || causes.some(isGrpcDeadlineError);
}
