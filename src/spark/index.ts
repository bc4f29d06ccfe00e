export { buildDriverObjects, ownedBy, type BuildDriverOptions, type DriverObjects } from './build-driver-objects.ts';
export { supportedSparkVersions } from './spark-version.ts';
export { RefusalReason, SubmissionRefused } from './submission-refused.ts';
export { SparkApplicationType, type SparkSubmission, type SubmissionIdentity } from './submission.ts';
