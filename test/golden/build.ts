import { buildDriverObjects, ownedBy, type SparkSubmission, type SubmissionIdentity } from '../../src/spark/index.ts';
import { differences, type Difference } from './differences.ts';
import { isIntended, type IntendedDifference } from './intended-differences.ts';
import { normalise, type NormalObjects } from './normalise.ts';
import { POD_UID } from './recording-stub.ts';

/** What we make of a submission, under a made-up identity, to be compared with a recording. */
export function build(submission: SparkSubmission, podName?: string): NormalObjects {
  const resourceNamePrefix = 'made-up-prefix';
  const identity: SubmissionIdentity = {
    submissionId: '11111111-2222-8333-8444-555555555555',
    sparkApplicationId: 'spark-11111111222283338444555555555555',
    driverPodName: podName ?? `${resourceNamePrefix}-driver`,
    resourceNamePrefix,
    submitTime: 0,
    labels: { 'temporal-spark/submission-id': '11111111-2222-8333-8444-555555555555' },
    annotations: { 'temporal-spark/workflow-id': 'spark/analytics/pi' },
    finalizers: ['temporal-spark/driver-protection'],
  };
  const { pod, dependents } = buildDriverObjects(submission, identity);
  const created = { ...pod, metadata: { ...pod.metadata, uid: POD_UID } };
  return normalise(
    pod,
    dependents.map((dependent) => ownedBy(created, dependent)),
    resourceNamePrefix,
  );
}

/** Where the two differ otherwise than intended; what was intended is added to `used`. */
export function unintendedDifferences(
  spark: NormalObjects,
  ours: NormalObjects,
  intended: readonly IntendedDifference[],
  used = new Set<IntendedDifference>(),
): Difference[] {
  return differences(spark, ours).filter((difference) => {
    const found = intended.filter((candidate) => isIntended(difference, candidate));
    found.forEach((candidate) => used.add(candidate));
    return found.length === 0;
  });
}
