import type { KubernetesClient } from '../kubernetes/index.ts';
import type { KubernetesObject } from '../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../protocol/index.ts';
import type { DriverObjects } from '../spark/driver/build-driver-objects.ts';
import type { SparkSubmission } from '../spark/submission.ts';

/** What not every submitter can do. What takes one of these is known before a submitter is asked. */
export const SubmitterCapability = {
  /** Runs Spark's own client, and so what only that can: custom feature steps, dependencies it resolves, … */
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

/** What a submitter may use while it works. `temporal-spark/testing` has the suite that every submitter has to pass. */
export interface SubmitterContext {
  /** The cluster the application goes to. */
  readonly kubernetes: KubernetesClient;
  /**
   * Aborted when the deadline has passed or the worker stops: give up soon, and leave the rest to a retry. A cancelled
   * application does not abort it: what was begun has to be known before it can be undone.
   */
  readonly signal: AbortSignal;
}

/** The driver that now exists. */
export interface CreatedDriver {
  readonly driverPodName: string;
  readonly driverPodUid: string;
  readonly sparkApplicationId: string;
  /** True where an earlier try of the same submission had created the pod already. */
  readonly adopted: boolean;
}

/** What a submission would create: the objects as the API server would be sent them, but for who owns them. */
export interface RenderedDriver extends DriverObjects {
  /**
   * What Spark's own client sent for it, under names of its own, before the attempt's names, labels and finalizer were
   * given to it. Absent where Spark's client takes no part.
   */
  readonly sent?: readonly KubernetesObject[];
}

/**
 * Creates the driver of one attempt, and nothing else: it never tracks, retries, deletes or records; the workflow owns
 * all state. `submit` is idempotent: called again with the same request, after a crash at any point, it completes what
 * is missing and returns the same driver.
 */
export interface SparkApplicationSubmitter {
  /** How manifests, rules and people call it: a DNS-1123 label. */
  readonly name: string;
  /** What it can do beyond creating the objects of a translated submission. @default none */
  readonly capabilities?: readonly SubmitterCapability[];
  /**
   * @throws KubernetesError as the API server answered; whether it is retried follows from its type
   * @throws SubmitterError where the submission can't be expressed by this submitter, or the name is taken (not retryable)
   */
  submit(request: SubmissionRequest, context: SubmitterContext): Promise<CreatedDriver>;
  /**
   * Says what `submit` would create, and creates nothing: no cluster is asked. For comparisons of submitters.
   *
   * @throws SubmissionRefused, SubmitterError as `submit` does
   */
  render?(request: SubmissionRequest, context: Pick<SubmitterContext, 'signal'>): Promise<RenderedDriver>;
  /**
   * With whose rights the rest is made of what belongs to the driver (UI Service, Ingress, PodGroup, …), which the core
   * does. @default the worker's
   */
  rightsFor?(request: SubmissionRequest, context: SubmitterContext): Promise<KubernetesClient>;
}
