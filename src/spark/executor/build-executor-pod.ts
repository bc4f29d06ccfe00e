import type { Pod } from '../../kubernetes/objects.ts';
import { addToPod, startFromTemplate, stepsFor, type DriverContext, type FeatureStep } from '../driver/driver-spec.ts';
import { envSecretsStep } from '../driver/steps/env-secrets.ts';
import { hadoopConfStep } from '../driver/steps/hadoop-conf.ts';
import { localDirsStep } from '../driver/steps/local-dirs.ts';
import { mountSecretsStep } from '../driver/steps/mount-secrets.ts';
import { mountVolumesStep } from '../driver/steps/mount-volumes.ts';
import { basicExecutorStep, EXECUTOR_CONTAINER_NAME } from './basic-executor.ts';

/** The service account: the template's, the executors', or else the driver's. */
const credentialsStep: FeatureStep = {
  className: 'ExecutorKubernetesCredentialsFeatureStep',
  apply(executor, { conf }) {
    const prefix = 'spark.kubernetes.authenticate';
    const name = conf[`${prefix}.executor.serviceAccountName`] ?? conf[`${prefix}.driver.serviceAccountName`];
    if (executor.pod.serviceAccount !== undefined || name === undefined) return executor;
    return addToPod(executor, { serviceAccount: name, serviceAccountName: name });
  },
};

/** In Spark's order. */
const featureSteps: readonly FeatureStep[] = [
  basicExecutorStep,
  credentialsStep,
  mountSecretsStep('executor'),
  envSecretsStep('executor'),
  mountVolumesStep('executor'),
  { ...hadoopConfStep, rule: 'executorHadoopConfigMap' },
  localDirsStep,
];

/**
 * The first executor as Spark's own builder would make it, in the driver. Nothing creates it: it shows beforehand what
 * the API server would refuse each time that the driver asks for an executor.
 *
 * @throws SubmissionRefused where Spark's builder would fail
 */
export function buildExecutorPod(context: DriverContext): Pod {
  const { conf, submission } = context;
  const template = startFromTemplate(
    submission.executorPodTemplate ?? {},
    conf['spark.kubernetes.executor.podTemplateContainerName'],
    EXECUTOR_CONTAINER_NAME,
  );
  const { metadata, pod, container } = stepsFor(featureSteps, context, 'executor').reduce(
    (executor, step) => step.apply(executor, context),
    template,
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { ...pod, containers: [...pod.containers, container] },
  };
}
