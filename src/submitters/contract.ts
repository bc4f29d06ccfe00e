import type { KubernetesClient } from '../kubernetes/index.ts';
import type { KubernetesObject } from '../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../protocol/index.ts';
import type { DriverObjects } from '../spark/driver/build-driver-objects.ts';
import type { SparkSubmission } from '../spark/submission.ts';

/** What not every submitter can do. What an application needs is known before a submitter is called. */
export const SubmitterCapability = {
  /** Runs Spark's own client, and so supports what needs it: custom feature steps, dependencies it resolves, … */
  SparkClient: 'spark-client',
  /** Reads files of the machine that submits, and uploads them where the driver finds them. */
  LocalFiles: 'local-files',
} as const;
export type SubmitterCapability = (typeof SubmitterCapability)[keyof typeof SubmitterCapability];

/** One attempt to be submitted. Deeply frozen: everything in it was decided, and is in history, before. */
export interface SubmissionRequest {
  readonly submission: SparkSubmission;
  readonly identity: SubmissionIdentity;
}

/** What a submitter may use while it works. `temporal-spark/testing` has the suite that every submitter must pass. */
export interface SubmitterContext {
  /** The cluster the application goes to. */
  readonly kubernetes: KubernetesClient;
  /**
   * Aborted when the deadline has passed or the worker stops: stop soon, and leave the rest to a retry. A cancelled
   * application does not abort it: what was created must be known before it can be removed.
   */
  readonly signal: AbortSignal;
}

/** The driver that now exists. */
export interface CreatedDriver {
  readonly driverPodName: string;
  readonly driverPodUid: string;
  readonly sparkApplicationId: string;
  /** True where a previous try of the same submission had created the pod already. */
  readonly adopted: boolean;
}

/** What a submission would create: the objects as they would be sent to the API server, without owners. */
export interface RenderedDriver extends DriverObjects {
  /**
   * What Spark's own client sent for it, under its generated names, before it got the attempt's names, labels and
   * finalizer. Absent without Spark's client.
   */
  readonly sent?: readonly KubernetesObject[];
}

/** A submission whose worker was lost: what is known of it without its request. */
export interface LostSubmission {
  readonly namespace: string;
  readonly submissionId: string;
  /** Of the driver. */
  readonly serviceAccount: string;
  /** Name of the Job that `spark-submit-job` makes for it. */
  readonly job: string;
}

/**
 * Creates the driver of one attempt, and nothing else: it never tracks, retries, deletes or records; the workflow owns
 * all state. `submit` is idempotent: called again with the same request, after a crash at any point, it completes what
 * is missing and returns the same driver.
 */
export interface SparkApplicationSubmitter {
  /** Its name in manifests, rules and messages: a DNS-1123 label. */
  readonly name: string;
  /** What it can do beyond creating the objects of a translated submission. @default none */
  readonly capabilities?: readonly SubmitterCapability[];
  /**
   * @throws KubernetesError as the API server answered; whether it is retried follows from its type
   * @throws SubmitterError where this submitter does not support the submission, or the name is taken (not retryable)
   */
  submit(request: SubmissionRequest, context: SubmitterContext): Promise<CreatedDriver>;
  /**
   * Returns what `submit` would create, and creates nothing: it calls no cluster. For comparisons of submitters.
   *
   * @throws SubmissionRefused, SubmitterError as `submit` does
   */
  render?(request: SubmissionRequest, context: Pick<SubmitterContext, 'signal'>): Promise<RenderedDriver>;
  /**
   * Client with whose rights the core creates the other objects of the driver (UI Service, Ingress, PodGroup, …), and
   * asks about pods by a dry run.
   * @default the worker's
   */
  rightsFor?(request: SubmissionRequest, context: SubmitterContext): Promise<KubernetesClient>;
  /**
   * Ends what a lost submission may have left running outside the worker, before that creates a driver for an attempt
   * that is over. Called for every lost submission, also of other submitters, and repeatedly: a request of the lost
   * worker may be carried out late.
   * @default nothing runs outside the worker
   */
  withdraw?(lost: LostSubmission, context: SubmitterContext): Promise<void>;
}
