import type { SparkApplicationManifest } from '../manifest/index.ts';
import type { ApplicationTimings, CarriedTimings } from '../timings/index.ts';
import type { AdmissionLimits, AdmissionResources } from './admission.ts';
import type { PlacementSummary, ShadowSummary } from './application.ts';
import type { Counting } from './application-facts.ts';
import type { Mirroring, UiExposure } from './resource.ts';
import type { SubmissionIdentity } from './submission-identity.ts';
import type { TeamDefault } from './team-default.ts';

export interface SubmitInput extends Mirroring, Counting {
  readonly manifest: SparkApplicationManifest;
  readonly identity: SubmissionIdentity;
  /** Of the plan, with a limited pool: its queue has admitted it. @default false */
  readonly admitted?: boolean;
  /** Of the plan, with several clusters: the chosen one. */
  readonly cluster?: string;
  /** Of the plan, where its worker has defaults: those that were decided. */
  readonly defaults?: readonly TeamDefault[];
  /** Parts of a plan that its workflow records, beyond those of 0.1: no others may be answered. @default none */
  readonly records?: readonly 'defaults'[];
  /** No other cluster is eligible: a driver of an earlier attempt may still be there. @default false */
  readonly isBound?: boolean;
}

/** The driver that was created or adopted; late is another one, of a try that was lost. */
export interface SubmittedDriver extends Partial<LateSubmission> {
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
  /** The Service and the Ingress of the UI, for the status of a resource. */
  readonly ui?: UiExposure;
}

/** Nothing was created, because the cluster is unreachable; another may be chosen. */
export interface ClusterUnreachable {
  readonly unreachable: string;
  /** Why. */
  readonly message: string;
}

/** The pool of the driver takes a limited number of applications, and this one was not admitted yet. */
export interface AdmissionNeeded {
  /** The queue to ask: the name of the driver's pool; where there are several clusters, `{cluster}/{pool}`. */
  readonly queue: string;
  readonly limits: AdmissionLimits;
  readonly priority: number;
  readonly requests: AdmissionResources;
}

/**
 * Nothing was created yet: this part of the attempt's plan must be in history first. Then the submission is repeated
 * with it.
 */
export interface AttemptPlan extends Partial<AdmissionNeeded> {
  /** Which of several clusters was chosen. Histories from before 0.2 have it without a queue, which came next. */
  readonly cluster?: string;
  /** Which defaults the attempt gets; absent where its worker has none. */
  readonly defaults?: readonly TeamDefault[];
}

/** Whether a queue must admit the attempt first. */
export function isAdmissionNeeded(plan: AttemptPlan): plan is AttemptPlan & AdmissionNeeded {
  return plan.queue !== undefined;
}

export type SubmitAnswer = (SubmittedDriver | AttemptPlan | ClusterUnreachable) &
  CarriedTimings<ApplicationTimings> &
  Partial<LateSubmission>;

/** Of a submission's answer or failure. */
export interface LateSubmission {
  /** Milliseconds in which its driver may still appear; 0 where it cannot. */
  readonly lateForMs: number;
}
