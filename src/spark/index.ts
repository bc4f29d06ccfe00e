export { attemptIdentity, driverPodName, driverServiceAccount, type AttemptInput } from './attempt.ts';
export { buildCompanionObjects, type CompanionOptions } from './companions/build-companion-objects.ts';
export { connectRoute } from './connect/connect-route.ts';
export { connectService } from './connect/connect-service.ts';
export {
  buildDriver,
  buildDriverObjects,
  inspectDriver,
  ownedBy,
  type BuildDriverOptions,
  type BuiltDriver,
  type DriverObjects,
} from './driver/build-driver-objects.ts';
export { findRefusals, MISSING_IMAGE } from './find-refusals.ts';
export { ingressUrl } from './companions/ingress-address.ts';
export { podRequests } from './pod-requests.ts';
export { serviceAccountsOf } from './service-accounts.ts';
export { supportedSparkVersions } from './spark-version.ts';
export { RefusalReason, SubmissionRefused } from './submission-refused.ts';
export { SparkApplicationType, type SparkSubmission } from './submission.ts';
export type { SubmissionIdentity } from '../protocol/submission-identity.ts';
export { attemptSubmission, toSparkSubmission } from './application/to-spark-submission.ts';
export { translating, TranslationFailed } from './translating.ts';
