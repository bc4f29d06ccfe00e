/**
 * What is fixed about one attempt before a submitter is asked: the owner of the objects and their names. A pure
 * function of the workflow's identity, so that a retry makes the very same objects.
 */
export interface SubmissionIdentity {
  /** UUID; a label on every object of the attempt. */
  readonly submissionId: string;
  /** `spark.app.id`, unique per attempt: on stop a driver deletes everything that carries it. */
  readonly sparkApplicationId: string;
  readonly driverPodName: string;
  /** Prefix of every generated name (`{prefix}-driver-svc`, …): DNS-1123, at most 46 characters. */
  readonly resourceNamePrefix: string;
  /** `spark.app.submitTime`, milliseconds since the epoch. */
  readonly submitTime: number;
  /** Put on the driver pod and on every object that is created for it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Put on the driver pod. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The driver pod is created with these. */
  readonly finalizers: readonly string[];
  /** The SparkApplication resource that owns the driver pod, where there is one and it is on the same cluster. */
  readonly owner?: { readonly name: string; readonly uid: string };
}

/** The Job in which `spark-submit-job` submits an attempt. */
export function submissionJobName({ resourceNamePrefix }: Pick<SubmissionIdentity, 'resourceNamePrefix'>): string {
  return `${resourceNamePrefix}-submit`;
}
