import type { SparkApplicationManifest } from '../manifest/index.ts';
import type { ApplicationTimings, CarriedTimings } from '../timings/index.ts';
import type { AdmissionLimits, AdmissionResources } from './admission.ts';
import type { PlacementSummary, ShadowSummary } from './application.ts';
import type { SubmissionIdentity } from './submission-identity.ts';

export interface SubmitInput {
  readonly manifest: SparkApplicationManifest;
  readonly identity: SubmissionIdentity;
  /** The queue of its pool has let it in. @default false */
  readonly admitted?: boolean;
  /** Where there are several: the one that was chosen, which is in history by now. */
  readonly cluster?: string;
  /** No other cluster will do: a driver of an earlier attempt may still be there. @default false */
  readonly isBound?: boolean;
}

/** The driver that was created or adopted. */
export interface SubmittedDriver {
  readonly driverPodName: string;
  readonly driverPodUid: string;
  readonly sparkApplicationId: string;
  /** Who submitted it; absent in histories of before there was a choice. */
  readonly submitter?: string;
  /** Where its pods may run, and why; absent in histories of before it was known. */
  readonly placement?: PlacementSummary;
  /** What a shadow would have made of it, where there was one. */
  readonly shadow?: ShadowSummary;
  /** Where Spark's own UI is reached, where that is configured. */
  readonly sparkUi?: string;
}

/** Nothing was created yet: first this cluster, which was chosen, has to be in history. */
export interface ClusterChosen {
  readonly cluster: string;
}

/** Nothing was created, for the cluster can't be reached: another will do. */
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
