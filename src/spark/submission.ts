import type { PodTemplate } from '../kubernetes/objects.ts';

/** The languages of a Spark application, spelled as `spec.type` of a SparkApplication. */
export const SparkApplicationType = { Java: 'Java', Scala: 'Scala', Python: 'Python', R: 'R' } as const;
export type SparkApplicationType = (typeof SparkApplicationType)[keyof typeof SparkApplicationType];

/**
 * The input of `spark-submit`, as data: the interpretation of a manifest that all submitters share. Built from a
 * manifest by `toSparkSubmission`; translated into Kubernetes objects by `buildDriverObjects` (no JVM) or into a
 * command line (spark-submit). Plain JSON, and a pure function of the manifest.
 */
export interface SparkSubmission {
  /** Kubernetes namespace of the driver and executors. */
  readonly namespace: string;
  /** `spark.app.name`. */
  readonly appName: string;
  /** Full Spark version, for example `4.1.4`; its minor version chooses the rules. */
  readonly sparkVersion: string;
  readonly type: SparkApplicationType;
  /** `--class`; the main class for Java and Scala. */
  readonly mainClass?: string;
  /** The primary resource; `local://` for a file in the image. Absent means `spark-internal`. */
  readonly mainApplicationFile?: string;
  readonly arguments: readonly string[];
  readonly proxyUser?: string;
  /** Spark configuration, as `--conf` would give it: typed fields of the manifest already folded in. */
  readonly conf: Readonly<Record<string, string>>;
  /** The driver's pod template, as `spark.kubernetes.driver.podTemplateFile` would hold it. */
  readonly driverPodTemplate: PodTemplate;
  /** The executors' pod template; absent means Spark makes no template ConfigMap. */
  readonly executorPodTemplate?: PodTemplate;
}

/** Spark's placeholder for an absent primary resource: the main class is in the image. */
export const NO_RESOURCE = 'spark-internal';
