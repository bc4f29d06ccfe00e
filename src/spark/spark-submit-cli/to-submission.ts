import type { PodTemplate } from '../../kubernetes/objects.ts';
import { NO_RESOURCE } from '../submission.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { SparkApplicationType, type SparkSubmission } from '../submission.ts';
import { checkCommandLine, SUBMITTERS_OWN } from './check-command-line.ts';
import type { SparkSubmitCommandLine } from './flags.ts';
import { sparkVersionOfImage, supportedSparkVersions } from '../spark-version.ts';
import type { SparkSubmitFiles } from './effective-properties.ts';

export interface ToSubmissionOptions {
  readonly driverPodTemplate?: PodTemplate;
  readonly executorPodTemplate?: PodTemplate;
  /** Version of Spark where neither the driver's annotation nor the tag of its image states it. */
  readonly sparkVersion?: string;
}

/** Annotation of the driver with the version of Spark in its image: `X.Y.Z`. */
export const SPARK_VERSION_ANNOTATION = 'temporal-spark/spark-version';

/**
 * What a command line of spark-submit submits, with no manifest in between: every configuration key means what it means
 * to spark-submit.
 *
 * @throws SubmissionRefused where spark-submit would refuse it, or where it cannot run here (not retryable)
 */
export function toSubmission(
  commandLine: SparkSubmitCommandLine,
  files: SparkSubmitFiles,
  { driverPodTemplate = {}, executorPodTemplate, sparkVersion }: ToSubmissionOptions = {},
): SparkSubmission {
  const { flags } = commandLine;
  const { conf, appName, resource, master } = checkCommandLine(commandLine, files);
  if (master === undefined) refuseInvalid('--master', 'it is missing', 'Give --master k8s://https://host:port.');
  return {
    namespace: conf['spark.kubernetes.namespace'] ?? 'default',
    appName,
    sparkVersion: versionOf(conf, sparkVersion),
    type: resource.endsWith('.py')
      ? SparkApplicationType.Python
      : /\.[rR]$/.test(resource)
        ? SparkApplicationType.R
        : SparkApplicationType.Scala,
    ...(flags.class !== undefined && { mainClass: flags.class }),
    ...(resource !== NO_RESOURCE && { mainApplicationFile: resource }),
    arguments: commandLine.arguments,
    ...(flags['proxy-user'] !== undefined && { proxyUser: flags['proxy-user'] }),
    conf: Object.fromEntries(Object.entries(conf).filter(([key]) => !SUBMITTERS_OWN.test(key))),
    driverPodTemplate,
    ...(executorPodTemplate !== undefined && { executorPodTemplate }),
  };
}

function versionOf(conf: Readonly<Record<string, string>>, fallback: string | undefined): string {
  const image = conf['spark.kubernetes.driver.container.image'] ?? conf['spark.kubernetes.container.image'];
  return (
    conf[`spark.kubernetes.driver.annotation.${SPARK_VERSION_ANNOTATION}`] ??
    sparkVersionOfImage(image) ??
    fallback ??
    refuseInvalid(
      'spark.kubernetes.container.image',
      image === undefined
        ? 'no image is set from which to derive the version of Spark'
        : `the tag of the image "${image}" does not begin with a version of Spark ${supportedSparkVersions.join(', ')}`,
      `Give the driver the annotation ${SPARK_VERSION_ANNOTATION}: X.Y.Z, or the server --spark-version X.Y.Z.`,
    )
  );
}
