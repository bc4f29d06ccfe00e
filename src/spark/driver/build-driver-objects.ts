import type { KubernetesObject, OwnerReference, Pod } from '../../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import { startFromTemplate, stepsFor, type DriverContext, type FeatureStep } from './driver-spec.ts';
import { protectDriver, protectionConf } from './protection.ts';
import { sparkVersionRules } from '../spark-version.ts';
import { checkPods, refuseOversized, refusePods, type CheckedPod } from '../pods/check-objects.ts';
import { basicStep } from './steps/basic.ts';
import { mountConf } from './steps/conf-map.ts';
import { credentialsStep } from './steps/credentials.ts';
import { driverCommandStep } from './steps/driver-command.ts';
import { envSecretsStep } from './steps/env-secrets.ts';
import { hadoopConfStep } from './steps/hadoop-conf.ts';
import { kerberosConfStep } from './steps/kerberos-conf.ts';
import { localDirsStep } from './steps/local-dirs.ts';
import { mountSecretsStep } from './steps/mount-secrets.ts';
import { mountVolumesStep } from './steps/mount-volumes.ts';
import { networkPolicyStep } from './steps/network-policy.ts';
import { podTemplateStep } from './steps/pod-template.ts';
import { serviceStep } from './steps/service.ts';
import { languageOf, effectiveConf } from './effective-conf.ts';
import type { SparkSubmission } from '../submission.ts';
import { translating } from '../translating.ts';

/** In Spark's order. */
const featureSteps: readonly FeatureStep[] = [
  basicStep,
  credentialsStep,
  serviceStep,
  networkPolicyStep,
  mountSecretsStep('driver'),
  envSecretsStep('driver'),
  mountVolumesStep('driver'),
  driverCommandStep,
  hadoopConfStep,
  kerberosConfStep,
  podTemplateStep,
  localDirsStep,
];

/** Everything that one attempt creates in its namespace. */
export interface DriverObjects {
  readonly pod: Pod;
  /**
   * What the driver needs in addition to its pod, in the order in which Spark creates it: ConfigMaps, a headless
   * Service, and where asked for or by version a NetworkPolicy, PersistentVolumeClaims and Secrets. They have no owner
   * yet: see `ownedBy`.
   */
  readonly dependents: readonly KubernetesObject[];
}

export interface BuildDriverOptions {
  /**
   * The user Spark runs as in Hadoop's eyes (`SPARK_USER`), where the submission names no proxy user. @default "spark"
   */
  readonly sparkUser?: string;
}

/**
 * The driver of one attempt, as Spark's own driver builder would make it for that version of Spark, with what
 * `protectDriver` adds. A pure function: the same submission and identity always make the same objects.
 *
 * @throws SubmissionRefused where it is invalid, or cannot be translated without a JVM, and where an API server would
 * refuse its pod or those of its executors; TranslationFailed
 */
export function buildDriverObjects(
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  options: BuildDriverOptions = {},
): DriverObjects {
  return buildDriver(submission, identity, options).objects;
}

/** The objects of a driver, and the pods that they lead to. */
export interface BuiltDriver {
  readonly objects: DriverObjects;
  /** The driver, and the first executor as Spark's own builder would make it. */
  readonly pods: readonly CheckedPod[];
}

/**
 * The same, with the first executor.
 *
 * @throws SubmissionRefused, TranslationFailed as `buildDriverObjects` does
 */
export function buildDriver(
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  options: BuildDriverOptions = {},
): BuiltDriver {
  const built = inspectDriver(submission, identity, options);
  refuseOversized(built.objects.dependents);
  refusePods(built.pods);
  return built;
}

/**
 * The same, with the problems of the pods instead of an error, for those who report all of them.
 *
 * @throws SubmissionRefused where it is invalid, or cannot be translated without a JVM; TranslationFailed
 */
export function inspectDriver(
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  options: BuildDriverOptions = {},
): BuiltDriver {
  return translating(() => {
    const language = languageOf(submission);
    const rules = sparkVersionRules(submission.sparkVersion);
    const context: DriverContext = {
      submission,
      identity,
      conf: { ...protectionConf(rules), ...effectiveConf(submission, identity, { language, rules }) },
      language,
      rules,
      sparkUser: submission.proxyUser ?? options.sparkUser ?? 'spark',
    };
    const objects = assemble(context);
    return { objects, pods: checkPods(objects.pod, context) };
  });
}

function assemble(context: DriverContext): DriverObjects {
  const { submission, identity, conf } = context;
  const template = startFromTemplate(
    submission.driverPodTemplate,
    conf['spark.kubernetes.driver.podTemplateContainerName'],
  );
  const built = stepsFor(featureSteps, context, 'driver').reduce(
    (driver, step) => step.apply(driver, context),
    template,
  );
  const { metadata, pod, container, dependents } = protectDriver(mountConf(built, context), identity);
  return {
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { ...pod, containers: [...pod.containers, container] },
    },
    dependents,
  };
}

/**
 * The object as a dependent of the pod that now exists: Kubernetes deletes it after the pod.
 * Spark's own reference, which does not block the pod's deletion.
 */
export function ownedBy<T extends KubernetesObject>(pod: Pod, object: T): T {
  const { name, uid } = pod.metadata ?? {};
  if (name === undefined || uid === undefined) throw new TypeError('Only a pod that exists can own an object');
  const owner: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } };
}
