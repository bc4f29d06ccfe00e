import type { OwnerReference, PodTemplate } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { driverPodName } from '../../src/spark/index.ts';
import type { SubmitRequest } from '../../src/submitter-server/index.ts';

/** The SparkApplication as the API server has it: what the operator makes the owner of the pods. */
export type Owner = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>;

type Spec = SparkApplicationManifest['spec'];
type Entries = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What the operator posts for an application: the arguments of its buildSparkSubmitArgs, in its order, for the fields
 * that tests use, and the templates of its buildDriverPodTemplate and buildExecutorPodTemplate.
 */
export function operatorRequest(
  { metadata, spec }: SparkApplicationManifest,
  submissionId: string,
  owner: Owner,
): SubmitRequest {
  const { name = '', namespace = 'default', labels = {} } = metadata;
  const ofBoth = { labels, name, submissionId };
  const { dynamicAllocation: dynamic } = spec;
  return {
    submission_id: submissionId,
    spark_submit_args: [
      ...['--master', 'k8s://https://10.96.0.1:443'],
      ...['--deploy-mode', 'cluster'],
      ...(spec.mainClass === undefined ? [] : ['--class', spec.mainClass]),
      ...['--name', name],
      ...flag('--jars', spec.deps?.jars),
      ...flag('--packages', spec.deps?.packages),
      ...flag('--py-files', spec.deps?.pyFiles),
      ...flag('--files', spec.deps?.files),
      ...conf({ 'spark.kubernetes.namespace': namespace }),
      ...conf({
        'spark.kubernetes.container.image': spec.image,
        'spark.kubernetes.container.image.pullPolicy': spec.imagePullPolicy,
        'spark.kubernetes.container.image.pullSecrets': spec.imagePullSecrets?.join(','),
        'spark.kubernetes.memoryOverheadFactor': spec.memoryOverheadFactor,
        'spark.kubernetes.submission.waitAppCompletion': false,
      }),
      ...conf(spec.sparkConf ?? {}),
      ...conf(prefixed('spark.hadoop.', spec.hadoopConf)),
      ...conf({ 'spark.kubernetes.driver.pod.name': driverPodName({ metadata, spec }) }),
      ...roleConf(spec, 'driver', ofBoth),
      ...conf(prefixed('spark.kubernetes.driver.service.label.', spec.driver.serviceLabels)),
      ...conf(prefixed('spark.kubernetes.driver.service.annotation.', spec.driver.serviceAnnotations)),
      ...conf(prefixed('spark.kubernetes.driverEnv.', spec.driver.envVars)),
      ...conf({ 'spark.executor.instances': spec.executor.instances }),
      ...roleConf(spec, 'executor', ofBoth),
      ...conf(prefixed('spark.executorEnv.', spec.executor.envVars)),
      ...conf(prefixed('spark.kubernetes.node.selector.', spec.nodeSelector)),
      ...(dynamic?.enabled === true
        ? conf({
            'spark.dynamicAllocation.enabled': true,
            'spark.dynamicAllocation.minExecutors': dynamic.minExecutors,
            'spark.dynamicAllocation.maxExecutors': dynamic.maxExecutors,
            'spark.dynamicAllocation.shuffleTracking.enabled': dynamic.shuffleTrackingEnabled ?? true,
          })
        : []),
      ...(spec.proxyUser === undefined ? [] : ['--proxy-user', spec.proxyUser]),
      ...(spec.mainApplicationFile === undefined ? [] : [spec.mainApplicationFile]),
      ...(spec.arguments ?? []),
    ],
    driver_pod_template: template(spec.driver.template, 'spark-kubernetes-driver', {
      ...owner,
      controller: true,
      blockOwnerDeletion: true,
    }),
    executor_pod_template: template(spec.executor.template, 'spark-kubernetes-executor', owner),
  };
}

function roleConf(
  spec: Spec,
  role: 'driver' | 'executor',
  { labels, name, submissionId }: { labels: Readonly<Record<string, string>>; name: string; submissionId: string },
): string[] {
  const pod: Spec['driver'] | Spec['executor'] = spec[role];
  const kubernetes = `spark.kubernetes.${role}`;
  return [
    ...conf(
      prefixed(`${kubernetes}.label.`, {
        'sparkoperator.k8s.io/app-name': name,
        'sparkoperator.k8s.io/launched-by-spark-operator': 'true',
        'sparkoperator.k8s.io/mutated-by-spark-operator': pod.template === undefined ? 'true' : undefined,
        'sparkoperator.k8s.io/submission-id': submissionId,
      }),
    ),
    ...conf({
      [`${kubernetes}.container.image`]: pod.image ?? spec.image,
      [`spark.${role}.cores`]: pod.cores ?? 1, // its webhook's default
      [`${kubernetes}.request.cores`]: pod.coreRequest,
      [`${kubernetes}.limit.cores`]: pod.coreLimit,
      [`spark.${role}.memory`]: pod.memory,
      [`spark.${role}.memoryOverhead`]: pod.memoryOverhead,
      [`spark.kubernetes.authenticate.${role}.serviceAccountName`]: pod.serviceAccount,
      [`spark.${role}.extraJavaOptions`]: pod.javaOptions,
    }),
    ...conf(prefixed(`${kubernetes}.label.`, { ...labels, ...pod.labels })),
    ...conf(prefixed(`${kubernetes}.annotation.`, pod.annotations)),
    ...Object.entries(pod.envSecretKeyRefs ?? {}).flatMap(([variable, { name: secret, key }]) =>
      conf({ [`${kubernetes}.secretKeyRef.${variable}`]: `${secret}:${key}` }),
    ),
    ...(pod.secrets ?? []).flatMap((secret) => conf({ [`${kubernetes}.secrets.${secret.name}`]: secret.path })),
  ];
}

/** As Go marshals it: what is empty, but never left out, too. */
function template(written: object | undefined, container: string, owner: OwnerReference): PodTemplate {
  const { metadata = {}, spec = { containers: [{ name: container, resources: {} }] } } = (written ?? {}) as PodTemplate;
  return {
    metadata: { creationTimestamp: null as never, ...metadata, ownerReferences: [owner] },
    spec,
  };
}

const conf = (entries: Entries): string[] =>
  Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : ['--conf', `${key}=${value}`]));

const flag = (name: string, list: readonly string[] = []): string[] =>
  list.length === 0 ? [] : [name, list.join(',')];

const prefixed = (prefix: string, entries: Entries = {}): Entries =>
  Object.fromEntries(Object.entries(entries).map(([key, value]) => [prefix + key, value]));
