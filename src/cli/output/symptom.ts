const PAGE = 'https://github.com/temporal-spark/temporal-spark/blob/main/docs/troubleshooting.md';

/** The sections of docs/troubleshooting.md: short codes that errors link. */
export const Symptom = {
  NoTemporal: 'no-temporal',
  NoWorker: 'no-worker',
  Placement: 'placement',
  Unschedulable: 'unschedulable',
  Image: 'image',
  ServiceAccount: 'service-account',
  Namespace: 'namespace',
  Configuration: 'configuration',
  OutOfMemory: 'out-of-memory',
  NameConflict: 'name-conflict',
  NotAdmitted: 'not-admitted',
  Queued: 'queued',
  PendingRerun: 'pending-rerun',
  NodeLost: 'node-lost',
  Deadline: 'deadline',
  StuckTerminating: 'stuck-terminating',
} as const;
export type Symptom = (typeof Symptom)[keyof typeof Symptom];

/** By the reason of a problem or of a failure. */
const byReason: Readonly<Record<string, Symptom>> = {
  AdmissionDenied: Symptom.NotAdmitted,
  CreateContainerConfigError: Symptom.Configuration,
  DriverNameConflict: Symptom.NameConflict,
  ErrImagePull: Symptom.Image,
  FailedMount: Symptom.Configuration,
  Forbidden: Symptom.ServiceAccount,
  ImagePullBackOff: Symptom.Image,
  InvalidImageName: Symptom.Image,
  KubernetesForbidden: Symptom.ServiceAccount,
  NamespaceNotFound: Symptom.Namespace,
  NamespaceTerminating: Symptom.Namespace,
  NodeLost: Symptom.NodeLost,
  NodeNotReady: Symptom.NodeLost,
  OOMKilled: Symptom.OutOfMemory,
  PendingDeadlineExceeded: Symptom.Deadline,
  PlacementRefused: Symptom.Placement,
  QuotaExceeded: Symptom.NotAdmitted,
  RunningDeadlineExceeded: Symptom.Deadline,
  ServiceAccountNotFound: Symptom.ServiceAccount,
  SubmissionDeadlineExceeded: Symptom.Deadline,
  TenancyRefused: Symptom.NotAdmitted,
  Unschedulable: Symptom.Unschedulable,
};

/** The section about the first of these reasons that has one. */
export const symptomOf = (...reasons: readonly (string | undefined)[]): Symptom | undefined =>
  reasons.map((reason) => byReason[reason ?? '']).find((symptom) => symptom !== undefined);

/** The address of a section. */
export const helpFor = (symptom: Symptom): string => `${PAGE}#${symptom}`;

/**
 * Remedies for failures before the application's own code runs. The messages of the API server's own errors have theirs,
 * but not the field of the manifest.
 */
export const remedyFor: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'Check spec.image, and spec.imagePullSecrets if the registry needs credentials.',
  ErrImagePull: 'Check spec.image, and spec.imagePullSecrets if the registry needs credentials.',
  InvalidImageName: 'Check spec.image.',
  CreateContainerConfigError: 'Create the ConfigMap or Secret that the driver refers to, or fix its name.',
  NamespaceNotFound: 'The namespace is set in metadata.namespace.',
  ServiceAccountNotFound: 'The service account is set in spec.driver.serviceAccount.',
  OOMKilled: 'Increase spec.driver.memory or spec.driver.memoryOverhead.',
};
