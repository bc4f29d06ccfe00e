import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import { normalise, type NormalObjects } from '../../../src/submitters/compare/index.ts';
import { ownedBy, type SparkSubmission, type SubmissionIdentity } from '../../../src/spark/index.ts';
import { POD_UID } from './recording-stub.ts';

const resourceNamePrefix = 'made-up-prefix';

/** Made up: what was recorded had none. */
export const identity: SubmissionIdentity = {
  submissionId: '11111111-2222-8333-8444-555555555555',
  sparkApplicationId: 'spark-11111111222283338444555555555555',
  driverPodName: `${resourceNamePrefix}-driver`,
  resourceNamePrefix,
  submitTime: 0,
  labels: { 'temporal-spark/submission-id': '11111111-2222-8333-8444-555555555555' },
  annotations: { 'temporal-spark/workflow-id': 'spark/analytics/pi' },
  finalizers: ['temporal-spark/driver-protection'],
};

/** What we make of a submission, to be compared with a recording. */
export function build(submission: SparkSubmission, podName = identity.driverPodName): NormalObjects {
  // Spark makes objects that an API server refuses, too.
  const { pod, dependents } = inspectDriver(submission, { ...identity, driverPodName: podName }).objects;
  const created = { ...pod, metadata: { ...pod.metadata, uid: POD_UID } };
  return normalise(
    pod,
    dependents.map((dependent) => ownedBy(created, dependent)),
    resourceNamePrefix,
  );
}
