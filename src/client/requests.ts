import type { Client, WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import {
  killUpdate,
  restartUpdate,
  resumeUpdate,
  suspendUpdate,
  updateManifestUpdate,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationStatus,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { cancelOpen, explained, RequestError, type SentRequest } from './explain-request.ts';

/** A request to an application that was not accepted; nothing was changed, except perhaps without an answer. */
export class ApplicationRequestError extends RequestError {
  override readonly name = 'ApplicationRequestError';
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
}

/** @throws ApplicationRequestError */
export function requestUpdate<R, A extends unknown[]>(
  request: Omit<SentRequest, 'Rejection'>,
  { definition: { name }, args, updateId }: UpdateRequest<R, A>,
): Promise<R> {
  const { workflow, timeoutMs } = request;
  return explained({ ...request, Rejection: ApplicationRequestError }, () =>
    workflow.client.withDeadline(Date.now() + timeoutMs, () =>
      workflow.executeUpdate<R, [unknown, ...unknown[]]>(name, { args: args as [unknown], ...present({ updateId }) }),
    ),
  );
}

export function requestsTo(client: Client, workflow: WorkflowHandle, timeoutMs: number): ApplicationRequests {
  const update = <R, A extends unknown[]>(verb: string, definition: UpdateDefinition<R, A>, ...args: unknown[]) =>
    requestUpdate({ client, workflow, verb, timeoutMs }, { definition, args });
  return {
    suspend: () => update('suspend', suspendUpdate),
    resume: () => update('resume', resumeUpdate),
    restart: () => update('restart', restartUpdate),
    updateManifest: (manifest) => update('update', updateManifestUpdate, manifest),
    kill: async (request) => {
      if (request !== undefined) {
        await update('kill', killUpdate, request);
        return;
      }
      await cancelOpen({ client, workflow, verb: 'kill', timeoutMs, Rejection: ApplicationRequestError });
    },
  };
}
