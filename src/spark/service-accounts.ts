import type { PodTemplate } from '../kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';
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

/**
 * The service account that the driver of a manifest runs as, without its translation; `sparkConf` cannot name one. The
 * manifest may be unchecked.
 */
export function driverServiceAccount({ spec }: SparkApplicationManifest): string {
  const driver = asRecord(spec.driver);
  const pod = asRecord(asRecord(driver['template'])['spec']);
  // As the API server reads the pod: the deprecated field counts where the other is empty.
  const candidates = [driver['serviceAccount'], pod['serviceAccountName'], pod['serviceAccount']];
  return candidates.map(asText).find(isNamed) ?? DEFAULT_ACCOUNT;
}

function namedBy({ spec }: PodTemplate = {}): (string | undefined)[] {
  return [spec?.serviceAccountName, spec?.serviceAccount];
}

const isNamed = (name: string | undefined): name is string => name !== undefined && name !== '';
