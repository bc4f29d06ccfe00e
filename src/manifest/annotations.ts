/** Prefix of all our annotations. */
export const ANNOTATION_PREFIX = 'temporal-spark/';

/** Annotations of a SparkApplication with an effect here: settings for which the operator has no fields. */
export const ApplicationAnnotation = {
  /** `"true"` allows literal secrets in a manifest, and so in the workflow's history. */
  AllowLiteralSecrets: 'temporal-spark/allow-literal-secrets',
  /** Duration in which a submission, retries included, must succeed. Default: none. */
  SubmissionDeadline: 'temporal-spark/submission-deadline',
  /** Duration from the submission in which the driver must run. Default: none. */
  PendingDeadline: 'temporal-spark/pending-deadline',
  /** Duration from the driver's start in which it must end. Default: none. */
  RunningDeadline: 'temporal-spark/running-deadline',
  /** Duration a driver may be unable to start for a reason that rarely resolves, such as its image. Default: 2m. */
  StartProblemDeadline: 'temporal-spark/start-problem-deadline',
  /** Duration a deleted driver keeps its finalizer while its node is NotReady. Default: 10m. */
  LostNodeDeadline: 'temporal-spark/lost-node-deadline',
  /** `linear` (the operator's) or `exponential`. Default: linear. */
  RestartBackoff: 'temporal-spark/restart-backoff',
  /** Longest duration between attempts. Default: 10m where the backoff is exponential, else a year. */
  RestartMaxInterval: 'temporal-spark/restart-max-interval',
  /** Random part of the delay between attempts, 0 to 1. Default: 0. */
  RestartJitter: 'temporal-spark/restart-jitter',
  /** Retries by class of failure, `infrastructure=5, out-of-memory=0`: they beat the restart policy for that class. */
  RestartRetries: 'temporal-spark/restart-retries',
  /** Placement profile of the cluster's configuration (docs/placement.md). Default: the configuration's own. */
  PlacementProfile: 'temporal-spark/placement-profile',
  /** Name of the submitter. Default: by the workers' rules, else native. */
  Submitter: 'temporal-spark/submitter',
  /** Name of the only cluster that it may run on. Default: by the workers' configuration of clusters. */
  Cluster: 'temporal-spark/cluster',
  /** Whose logs are archived: `driver`, `all` or `none` (docs/logs.md). Default: by the workers' configuration. */
  LogArchive: 'temporal-spark/log-archive',
} as const;
export type ApplicationAnnotation = (typeof ApplicationAnnotation)[keyof typeof ApplicationAnnotation];
