import type { PodTemplate } from '../kubernetes/objects.ts';

/** The languages of a Spark application, spelled as `spec.type` of a SparkApplication. */
export const SparkApplicationType = { Java: 'Java', Scala: 'Scala', Python: 'Python', R: 'R' } as const;
export type SparkApplicationType = (typeof SparkApplicationType)[keyof typeof SparkApplicationType];

/**
 * What would be handed to `spark-submit`, as data: the one meaning of a manifest that every submitter shares.
 * Made from a manifest by `toSparkSubmission`; made into Kubernetes objects by `buildDriverObjects` (no JVM) or into a
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

/**
 * What the core has decided about one attempt before a submitter is asked: who the objects belong to and what they are
 * called. A pure function of the workflow's identity, so that a retry makes the very same objects.
 */
export interface SubmissionIdentity {
  /** UUID; a label on every object of the attempt. */
  readonly submissionId: string;
  /** `spark.app.id`, unique per attempt: on stop a driver deletes everything that carries it. */
  readonly sparkApplicationId: string;
  readonly driverPodName: string;
  /** Prefix of every generated name (`{prefix}-driver-svc`, …): DNS-1123, at most 46 characters. */
  readonly resourceNamePrefix: string;
  /** `spark.app.submitTime`, milliseconds since the epoch. */
  readonly submitTime: number;
  /** Put on the driver pod and on every object that is made for it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Put on the driver pod. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The driver pod is created with these. */
  readonly finalizers: readonly string[];
}
