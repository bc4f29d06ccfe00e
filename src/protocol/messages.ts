import { defineUpdate } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { FailureType } from './failure-type.ts';
import { ApplicationState } from './application-state.ts';
import type { SparkApplicationStatus } from './application.ts';
import type { UpdateEffect } from './manifest-update.ts';

/** What can be asked of a running application. */
export const ApplicationRequest = {
  Suspend: 'suspend',
  Resume: 'resume',
  Restart: 'restart',
  Kill: 'kill',
  UpdateManifest: 'updateManifest',
} as const;
export type ApplicationRequest = (typeof ApplicationRequest)[keyof typeof ApplicationRequest];

/** `type` of the ApplicationFailure by which a request that makes no sense in the present state is refused. */
export const REQUEST_REFUSED = FailureType.RequestRefused;

export interface KillRequest {
  /** Why, for the record. At most 1,000 characters. */
  readonly reason?: string;
  /** Seconds between SIGTERM and SIGKILL. @default the pod's own terminationGracePeriodSeconds */
  readonly gracePeriodSeconds?: number;
}

/** What became of a new manifest. */
export interface ManifestUpdateResult {
  readonly effect: UpdateEffect;
  readonly status: SparkApplicationStatus;
}

export const suspendUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Suspend);
export const resumeUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Resume);
export const restartUpdate = defineUpdate<SparkApplicationStatus>(ApplicationRequest.Restart);
export const killUpdate = defineUpdate<SparkApplicationStatus, [KillRequest?]>(ApplicationRequest.Kill);
export const updateManifestUpdate = defineUpdate<ManifestUpdateResult, [SparkApplicationManifest]>(
  ApplicationRequest.UpdateManifest,
);

const { Suspend, Resume, Restart, Kill, UpdateManifest } = ApplicationRequest;
const underWay = [Suspend, Restart, Kill, UpdateManifest];
// The attempt is over: what would stop it comes too late, what begins another, or forbids it, does not.
const ending = [Restart, Kill, UpdateManifest];

/** Which requests make sense in which state. */
export const possibleRequests: Readonly<Record<ApplicationState, readonly ApplicationRequest[]>> = {
  [ApplicationState.New]: underWay,
  [ApplicationState.Queued]: underWay,
  [ApplicationState.Submitted]: underWay,
  [ApplicationState.Running]: underWay,
  [ApplicationState.Unknown]: underWay,
  [ApplicationState.PendingRerun]: underWay,
  [ApplicationState.SubmissionFailed]: underWay,
  [ApplicationState.Invalidating]: underWay,
  [ApplicationState.Resuming]: underWay,
  [ApplicationState.Succeeding]: ending,
  [ApplicationState.Failing]: ending,
  [ApplicationState.Suspending]: [Resume, Kill, UpdateManifest],
  [ApplicationState.Suspended]: [Resume, Kill, UpdateManifest],
  [ApplicationState.Completed]: [],
  [ApplicationState.Failed]: [],
  [ApplicationState.Cancelled]: [],
};
