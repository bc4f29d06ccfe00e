import type { PodTemplate } from '../kubernetes/objects.ts';
import type { SparkSubmission } from './submission.ts';

const DEFAULT_ACCOUNT = 'default';

/**
 * All service accounts that a submission names for its pods, whichever of them a version of Spark prefers. A driver
 * without one gets `default`, executors without one get the driver's.
 */
export function serviceAccountsOf({
  conf,
  driverPodTemplate,
  executorPodTemplate,
}: Pick<SparkSubmission, 'conf' | 'driverPodTemplate' | 'executorPodTemplate'>): readonly string[] {
  const prefix = 'spark.kubernetes.authenticate';
  const ofDriver = [conf[`${prefix}.driver.serviceAccountName`], ...namedBy(driverPodTemplate)].filter(isNamed);
  const ofExecutors = [conf[`${prefix}.executor.serviceAccountName`], ...namedBy(executorPodTemplate)].filter(isNamed);
  return [...new Set([...(ofDriver.length > 0 ? ofDriver : [DEFAULT_ACCOUNT]), ...ofExecutors])];
}

function namedBy({ spec }: PodTemplate = {}): (string | undefined)[] {
  return [spec?.serviceAccountName, spec?.serviceAccount];
}

const isNamed = (name: string | undefined): name is string => name !== undefined && name !== '';
