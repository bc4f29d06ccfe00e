/** What begins every annotation of ours. */
export const ANNOTATION_PREFIX = 'temporal-spark/';

/** Annotations of a SparkApplication that mean something here: what the operator's fields have no room for. */
export const ApplicationAnnotation = {
  /** `"true"` lets literal secrets stand in a manifest, and so in the workflow's history. */
  AllowLiteralSecrets: 'temporal-spark/allow-literal-secrets',
  /** Duration in which a submission, tried again as often as it takes, has to succeed. Default: none. */
  SubmissionDeadline: 'temporal-spark/submission-deadline',
  /** Duration from the submission in which the driver has to run. Default: none. */
  PendingDeadline: 'temporal-spark/pending-deadline',
  /** Duration from the driver's start in which it has to end. Default: none. */
  RunningDeadline: 'temporal-spark/running-deadline',
  /** Duration a driver may be unable to start for a reason that rarely heals (its image can't be pulled). Default: 2m. */
  StartProblemDeadline: 'temporal-spark/start-problem-deadline',
  /** Duration a deleted driver is held whose node does not answer. Default: 10m. */
  LostNodeDeadline: 'temporal-spark/lost-node-deadline',
  /** `linear` (the operator's) or `exponential`. Default: linear. */
  RestartBackoff: 'temporal-spark/restart-backoff',
  /** Longest duration between attempts. Default: 10m where the backoff is exponential, else none. */
  RestartMaxInterval: 'temporal-spark/restart-max-interval',
  /** Random part of the delay between attempts, 0 to 1. Default: 0. */
  RestartJitter: 'temporal-spark/restart-jitter',
  /** Retries by class of failure, `infrastructure=5, out-of-memory=0`: they beat the restart policy for that class. */
  RestartRetries: 'temporal-spark/restart-retries',
  /** Placement profile of the cluster's configuration (docs/placement.md). Default: the configuration's own. */
  PlacementProfile: 'temporal-spark/placement-profile',
  /** Who submits the application, by name. Default: as the workers' rules say, else native. */
  Submitter: 'temporal-spark/submitter',
  /** The cluster it runs on, by name, and no other. Default: as the workers' configuration of clusters says. */
  Cluster: 'temporal-spark/cluster',
} as const;
export type ApplicationAnnotation = (typeof ApplicationAnnotation)[keyof typeof ApplicationAnnotation];
