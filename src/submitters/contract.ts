import type { KubernetesClient } from '../kubernetes/index.ts';
import type { SparkSubmission, SubmissionIdentity } from '../spark/submission.ts';

/** One attempt to be submitted. Deeply frozen: everything in it was decided, and is in history, before. */
export interface SubmissionRequest {
  readonly submission: SparkSubmission;
  readonly identity: SubmissionIdentity;
}

/** What a submitter may use while it works. */
export interface SubmitterContext {
  /** The cluster the application goes to. */
  readonly kubernetes: KubernetesClient;
  /** Aborted when the attempt's deadline has passed or the worker stops: give up soon, leave the rest to a retry. */
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

/**
 * Creates the driver of one attempt, and nothing else: it never tracks, retries, deletes or records; the workflow owns
 * all state. `submit` is idempotent: called again with the same request, after a crash at any point, it completes what
 * is missing and returns the same driver.
 */
export interface SparkApplicationSubmitter {
  readonly name: string;
  /**
   * @throws KubernetesError as the API server answered; whether it is retried follows from its type
   * @throws SubmitterError where the submission can't be expressed by this submitter, or the name is taken (not retryable)
   */
  submit(request: SubmissionRequest, context: SubmitterContext): Promise<CreatedDriver>;
}
