import type { SparkApplication } from '../manifest/index.ts';
import type { SparkSubmission, SubmissionIdentity } from './submission.ts';
import { toSparkSubmission } from './to-spark-submission.ts';

/**
 * What an attempt submits: the manifest's meaning, and the attempt's labels on executors too, for that is how they are
 * counted, and found when something is left behind.
 */
export function attemptSubmission(application: SparkApplication, { labels }: SubmissionIdentity): SparkSubmission {
  const submission = toSparkSubmission(application);
  const executorLabels = Object.entries(labels).map(([key, value]) => [
    `spark.kubernetes.executor.label.${key}`,
    value,
  ]);
  return {
    ...submission,
    conf: { ...submission.conf, ...(Object.fromEntries(executorLabels) as Record<string, string>) },
  };
}
