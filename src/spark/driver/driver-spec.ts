import type {
  Container,
  EnvVar,
  KubernetesObject,
  ObjectMeta,
  PodSpec,
  PodTemplate,
  Volume,
  VolumeMount,
} from '../../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import { listOf, type SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import type { SparkSubmission } from '../submission.ts';

/** A driver, or an executor, under construction. Steps never change it: they return the next one. */
export interface DriverSpec {
  readonly metadata: ObjectMeta;
  /** The pod without the Spark container. */
  readonly pod: PodSpec;
  /** The Spark container; it joins the pod last. */
  readonly container: Container;
  /** What the driver's properties file adds to the configuration, or overrides in it. */
  readonly properties: Readonly<Record<string, string>>;
  /** Objects in addition to the pod, in the order in which Spark creates them. */
  readonly dependents: readonly KubernetesObject[];
}

/** The input of a step. */
export interface DriverContext {
  readonly submission: SparkSubmission;
  readonly identity: SubmissionIdentity;
  /** The configuration as Spark's client sees it. */
  readonly conf: SparkConf;
  readonly language: 'java' | 'python' | 'r';
  readonly rules: SparkVersionRules;
  /** The user Spark runs as: `SPARK_USER`. */
  readonly sparkUser: string;
}

/** One of the steps in which Spark builds its pods; named as the class it stands for. */
export interface FeatureStep {
  readonly className: string;
  /** Prefixes of the configuration that the step reads: without any such key it is left out. @default never left out */
  readonly keys?: readonly string[];
  /** What a version of Spark must have for the step. @default each version has it */
  readonly rule?: 'executorHadoopConfigMap' | 'networkPolicy';
  apply(driver: DriverSpec, context: DriverContext): DriverSpec;
}

/** The steps that have something to do, without those that the application excludes. */
export function stepsFor(
  steps: readonly FeatureStep[],
  { conf, rules }: DriverContext,
  role: 'driver' | 'executor',
): readonly FeatureStep[] {
  const excluded = rules.excludedFeatureSteps ? listOf(conf, `spark.kubernetes.${role}.pod.excludedFeatureSteps`) : [];
  const given = Object.keys(conf);
  return steps.filter(
    ({ className, keys, rule }) =>
      !excluded.includes(`org.apache.spark.deploy.k8s.features.${className}`) &&
      (rule === undefined || rules[rule]) &&
      (keys === undefined || given.some((key) => keys.some((prefix) => key.startsWith(prefix)))),
  );
}

/** The template as Spark starts from it: its Spark container taken out, by name or else the first. */
export function startFromTemplate(
  template: PodTemplate,
  containerName: string | undefined,
  ownName = DRIVER_CONTAINER_NAME,
): DriverSpec {
  const containers = template.spec?.containers ?? [];
  const named = containers.filter(({ name }) => name === containerName);
  const container = named.length === 1 ? named[0] : containers[0];
  return {
    metadata: template.metadata ?? {},
    pod: { ...template.spec, containers: containers.filter((other) => other !== container) },
    container: container ?? { name: ownName },
    properties: {},
    dependents: [],
  };
}

export const DRIVER_CONTAINER_NAME = 'spark-kubernetes-driver';

export const addToPod = (driver: DriverSpec, fields: Partial<PodSpec>): DriverSpec => ({
  ...driver,
  pod: { ...driver.pod, ...fields },
});

export const addToContainer = (driver: DriverSpec, fields: Partial<Container>): DriverSpec => ({
  ...driver,
  container: { ...driver.container, ...fields },
});

export const addEnv = (driver: DriverSpec, ...env: readonly EnvVar[]): DriverSpec =>
  env.length === 0 ? driver : addToContainer(driver, { env: [...(driver.container.env ?? []), ...env] });

/** A volume of the pod and where the Spark container mounts it. */
export interface MountedVolume {
  readonly volume?: Volume;
  readonly mount: VolumeMount;
}

export function addVolumes(driver: DriverSpec, mounted: readonly MountedVolume[]): DriverSpec {
  if (mounted.length === 0) return driver;
  const volumes = mounted.flatMap(({ volume }) => (volume === undefined ? [] : [volume]));
  return {
    ...driver,
    pod: { ...driver.pod, volumes: [...(driver.pod.volumes ?? []), ...volumes] },
    container: {
      ...driver.container,
      volumeMounts: [...(driver.container.volumeMounts ?? []), ...mounted.map(({ mount }) => mount)],
    },
  };
}

export const addProperties = (driver: DriverSpec, properties: Readonly<Record<string, string>>): DriverSpec => ({
  ...driver,
  properties: { ...driver.properties, ...properties },
});

export const addDependents = (driver: DriverSpec, ...dependents: readonly KubernetesObject[]): DriverSpec => ({
  ...driver,
  dependents: [...driver.dependents, ...dependents],
});
