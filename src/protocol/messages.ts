import { defineUpdate } from '@temporalio/workflow';
import { FailureType } from './failure-type.ts';
import type { SparkApplicationStatus } from './application.ts';
import type { UpdateEffect } from './manifest-update.ts';
import type { ResourceUpdate } from './resource.ts';

/** The requests to a running application. */
export const ApplicationRequest = {
  Suspend: 'suspend',
  Resume: 'resume',
  Restart: 'restart',
  Kill: 'kill',
  UpdateManifest: 'updateManifest',
} as const;
export type ApplicationRequest = (typeof ApplicationRequest)[keyof typeof ApplicationRequest];

/** `type` of the ApplicationFailure of a request that is not possible in the current state. */
export const REQUEST_REFUSED = FailureType.RequestRefused;

export interface KillRequest {
  /** Why, for the record. At most 1,000 characters. */
  readonly reason?: string;
  /**
   * Seconds between SIGTERM and SIGKILL, at most a day. Another kill can shorten it.
   * @default the pod's own terminationGracePeriodSeconds
   */
  readonly gracePeriodSeconds?: number;
}

/** The result of a new manifest. */
export interface ManifestUpdateResult {
  readonly effect: UpdateEffect;
  readonly status: SparkApplicationStatus;
}

export const suspendUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Suspend);
export const resumeUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Resume);
export const restartUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Restart);
export const killUpdate = defineUpdate<SparkApplicationStatus, [KillRequest?]>(ApplicationRequest.Kill);
export const updateManifestUpdate = defineUpdate<ManifestUpdateResult, ResourceUpdate>(
  ApplicationRequest.UpdateManifest,
);
