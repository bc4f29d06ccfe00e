export { attemptIdentity, type AttemptInput } from './attempt.ts';
export { attemptSubmission } from './attempt-submission.ts';
export { buildCompanionObjects, type CompanionOptions } from './build-companion-objects.ts';
export { buildDriverObjects, ownedBy, type BuildDriverOptions, type DriverObjects } from './build-driver-objects.ts';
export { driverPodName } from './driver-pod-name.ts';
export { supportedSparkVersions } from './spark-version.ts';
export { RefusalReason, SubmissionRefused } from './submission-refused.ts';
export { SparkApplicationType, type SparkSubmission, type SubmissionIdentity } from './submission.ts';
export { toSparkSubmission } from './to-spark-submission.ts';
