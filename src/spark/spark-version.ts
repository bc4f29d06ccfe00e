import { RefusalReason, SubmissionRefused } from './submission-refused.ts';

/** What differs between the minor versions of Spark in the objects of a driver. */
export interface SparkVersionRules {
  /** Such as `4.1`. */
  readonly minorVersion: string;
  /** Sizes may have the units `Ki`, `Mi`, …, too. */
  readonly binarySizes: boolean;
  /** A setting that cannot be read is refused as `INVALID_CONF_VALUE.TYPE_MISMATCH`, not in the words of its parser. */
  readonly settingErrors: boolean;
  /** `{{APP_ID}}` is replaced in driver labels, not only in annotations. */
  readonly appIdInLabels: boolean;
  /** `spark.driver.minMemoryOverhead` is known. */
  readonly minMemoryOverhead: boolean;
  /** Volume mounts carry `subPathExpr`, hostPath volumes a type, claims made on demand labels and annotations. */
  readonly volumeDetails: boolean;
  /** Access mode of claims made on demand. */
  readonly onDemandAccessMode: 'ReadWriteOnce' | 'ReadWriteOncePod';
  /** The driver learns the Hadoop ConfigMap's name for its executors. */
  readonly executorHadoopConfigMap: boolean;
  /** The port `spark-connect`, and the service's hint about its protocol. */
  readonly connectPort: false | { readonly appProtocol?: 'grpc' };
  /** `{{SPARK_VERSION}}` is replaced in image names. */
  readonly sparkVersionInImage: boolean;
  /** `spark.kubernetes.driver.pod.excludedFeatureSteps` is known. */
  readonly excludedFeatureSteps: boolean;
  /** `spark.kubernetes.driver.annotateExitException` is known. */
  readonly exitException: boolean;
  /** A NetworkPolicy allows only pods of the application to reach its executors. */
  readonly networkPolicy: boolean;
  /** The Spark container declares whether it may gain privileges; by default it may not. */
  readonly privilegeEscalation: boolean;
  /** The driver's service declares whether it is found before the driver is ready; by default it is not. */
  readonly publishNotReadyAddresses: boolean;
}

const spark34: SparkVersionRules = {
  minorVersion: '3.4',
  binarySizes: false,
  settingErrors: false,
  appIdInLabels: false,
  minMemoryOverhead: false,
  volumeDetails: false,
  onDemandAccessMode: 'ReadWriteOnce',
  executorHadoopConfigMap: false,
  connectPort: false,
  sparkVersionInImage: false,
  excludedFeatureSteps: false,
  exitException: false,
  networkPolicy: false,
  privilegeEscalation: false,
  publishNotReadyAddresses: false,
};
const spark35: SparkVersionRules = { ...spark34, minorVersion: '3.5', executorHadoopConfigMap: true };
const spark40: SparkVersionRules = {
  ...spark35,
  minorVersion: '4.0',
  appIdInLabels: true,
  minMemoryOverhead: true,
  volumeDetails: true,
  onDemandAccessMode: 'ReadWriteOncePod',
};
const spark41: SparkVersionRules = {
  ...spark40,
  minorVersion: '4.1',
  settingErrors: true,
  connectPort: {},
  sparkVersionInImage: true,
  excludedFeatureSteps: true,
  exitException: true,
};
const spark42: SparkVersionRules = {
  ...spark41,
  minorVersion: '4.2',
  binarySizes: true,
  connectPort: { appProtocol: 'grpc' },
  networkPolicy: true,
};
const spark43: SparkVersionRules = {
  ...spark42,
  minorVersion: '4.3',
  privilegeEscalation: true,
  publishNotReadyAddresses: true,
};

const rulesByMinorVersion: Readonly<Record<string, SparkVersionRules>> = Object.fromEntries(
  [spark34, spark35, spark40, spark41, spark42, spark43].map((rules) => [rules.minorVersion, rules]),
);

/** The minor versions of Spark whose driver can be built without a JVM. */
export const supportedSparkVersions: readonly string[] = Object.keys(rulesByMinorVersion);

/**
 * The rules of a full version such as `4.1.4` or `4.2.0-preview5`.
 *
 * @throws SubmissionRefused where that minor version has none
 */
export function sparkVersionRules(sparkVersion: string): SparkVersionRules {
  const minorVersion = /^(\d+\.\d+)(?:[.-]|$)/.exec(sparkVersion)?.[1];
  const rules = minorVersion === undefined ? undefined : rulesByMinorVersion[minorVersion];
  if (rules === undefined) {
    throw new SubmissionRefused({
      reason: RefusalReason.UnsupportedSparkVersion,
      key: 'sparkVersion',
      problem: `"${sparkVersion}" is not a version of Spark ${supportedSparkVersions.join(', ')}`,
      remedy: 'Use an image with one of these.',
    });
  }
  return rules;
}

/**
 * The Spark version that an image's tag begins with, as `apache/spark:4.1.4-java21` or `spark:v3.5.9`. A version that
 * has no rules here is that of something else: `team/etl:1.2.3`.
 */
export function sparkVersionOfImage(image: string | undefined): string | undefined {
  const tag = /:([^:/@]+)(?:@[^@]*)?$/.exec(image ?? '')?.[1] ?? '';
  const [, version, minor = ''] = /^(?:spark-?)?v?((\d+\.\d+)\.\d+(?:-preview\d+)?)(?=$|[-_+])/.exec(tag) ?? [];
  return supportedSparkVersions.includes(minor) ? version : undefined;
}
