/** The names we put on Kubernetes objects. */

/**
 * Keeps a driver pod until its outcome is in the workflow's history: the pod is created with it, and only the finalize
 * activity, or housekeeping for a workflow that cannot, removes it.
 */
export const DRIVER_FINALIZER = 'temporal-spark/driver-protection';

export const Label = {
  /** The attempt an object was made for; on the driver, on its executors and on all that belongs to them. */
  SubmissionId: 'temporal-spark/submission-id',
  /** `metadata.name` of the SparkApplication, where the Spark operator's users look for it. */
  AppName: 'sparkoperator.k8s.io/app-name',
  /** The same attempt, where the Spark operator's users look for it. */
  OperatorSubmissionId: 'sparkoperator.k8s.io/submission-id',
  /** The schedule of an application, where the Spark operator's users look for it. */
  ScheduledAppName: 'sparkoperator.k8s.io/scheduled-app-name',
  /** Of a stage's pods. */
  Pipeline: 'temporal-spark/pipeline',
  Stage: 'temporal-spark/stage',
} as const;

export const Annotation = {
  /** The workflow that owns a driver pod: where to look when its finalizer seems stuck. */
  WorkflowId: 'temporal-spark/workflow-id',
  /** First run of that workflow's chain. */
  FirstRunId: 'temporal-spark/first-run-id',
  /** UID of the SparkApplication resource that owned the driver when it was created. */
  ResourceUid: 'temporal-spark/resource-uid',
  TemporalNamespace: 'temporal-spark/temporal-namespace',
  /** The ID of that namespace, which no other Temporal server has; absent where the server gives none. */
  TemporalNamespaceId: 'temporal-spark/temporal-namespace-id',
  Attempt: 'temporal-spark/attempt',
  /** Whose logs are archived, where the application specifies it: `driver`, `all` or `none`. */
  LogArchive: 'temporal-spark/log-archive',
  /** Seconds after its end until housekeeping deletes the driver: `spec.timeToLiveSeconds`. */
  TimeToLiveSeconds: 'temporal-spark/time-to-live-seconds',
  /** How many drivers of successful runs of its schedule housekeeping keeps: `spec.successfulRunHistoryLimit`. */
  SuccessfulRunHistoryLimit: 'temporal-spark/successful-run-history-limit',
  FailedRunHistoryLimit: 'temporal-spark/failed-run-history-limit',
} as const;
