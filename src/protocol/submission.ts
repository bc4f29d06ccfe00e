import type { SparkApplicationManifest } from '../manifest/index.ts';
import type { ApplicationTimings, CarriedTimings } from '../timings/index.ts';
import type { AdmissionLimits, AdmissionResources } from './admission.ts';
import type { PlacementSummary, ShadowSummary } from './application.ts';
import type { SubmissionIdentity } from './submission-identity.ts';

export interface SubmitInput {
  readonly manifest: SparkApplicationManifest;
  readonly identity: SubmissionIdentity;
  /** The queue of its pool has admitted it. @default false */
  readonly admitted?: boolean;
  /** With several clusters: the chosen one, which is in history by now. */
  readonly cluster?: string;
  /** No other cluster is eligible: a driver of an earlier attempt may still be there. @default false */
  readonly isBound?: boolean;
}

/** The driver that was created or adopted. */
export interface SubmittedDriver {
  readonly driverPodName: string;
  readonly driverPodUid: string;
  readonly sparkApplicationId: string;
  /** The submitter; absent in histories from before there was a choice. */
  readonly submitter?: string;
  /** Where its pods may run, and why; absent in histories from before it was recorded. */
  readonly placement?: PlacementSummary;
  /** The comparison with a shadow, if any. */
  readonly shadow?: ShadowSummary;
  /** Where Spark's own UI is reached, where that is configured. */
  readonly sparkUi?: string;
}

/** Nothing was created yet: the chosen cluster must be in history first. */
export interface ClusterChosen {
  readonly cluster: string;
}

/** Nothing was created, because the cluster is unreachable; another may be chosen. */
export interface ClusterUnreachable {
  readonly unreachable: string;
  /** Why. */
  readonly message: string;
}

/** An attempt was not submitted: its pool takes a limited number of applications, and this one was not admitted yet. */
export interface AdmissionNeeded {
  /** The queue to ask: the name of the driver's pool; where there are several clusters, `{cluster}/{pool}`. */
  readonly queue: string;
  readonly limits: AdmissionLimits;
  readonly priority: number;
  readonly requests: AdmissionResources;
}

export type SubmitAnswer = (SubmittedDriver | AdmissionNeeded | ClusterChosen | ClusterUnreachable) &
  CarriedTimings<ApplicationTimings>;
