import type { SparkApplication } from '../../manifest/spark-application.ts';
import { withoutTrailing } from '../../validation/trim.ts';
import { driverPodName } from '../attempt.ts';
import { localDirConf } from './local-dir-volumes.ts';
import { secretConf } from './secret-volumes.ts';
import { templateContainerName } from './pod-template.ts';
import type { ApplicationSpec, Role, RoleSpec } from './role.ts';

/** Configuration under construction: an absent value keeps that of an earlier source. */
type Entries = Readonly<Record<string, string | number | boolean | undefined>>;

/** Spark ignores other properties, with a warning in a log. */
const SPARK_PREFIX = 'spark.';

/**
 * `--conf`, and the flags that are short for it, in the operator's order: what comes later wins. So `sparkConf` wins
 * over the image, its pull policy and secrets and the overhead factor, and every other typed field wins over
 * `sparkConf`.
 */
export function applicationConf(application: SparkApplication): Record<string, string> {
  const { metadata, spec } = application;
  const executorGrace = spec.executor.terminationGracePeriodSeconds;
  const conf = merge(
    {
      'spark.kubernetes.container.image': spec.image,
      'spark.kubernetes.container.image.pullPolicy': spec.imagePullPolicy,
      'spark.kubernetes.container.image.pullSecrets': joined(spec.imagePullSecrets),
      'spark.kubernetes.pyspark.pythonVersion': spec.pythonVersion,
      'spark.kubernetes.memoryOverheadFactor': spec.memoryOverheadFactor,
    },
    ofSpark(spec.sparkConf),
    prefixed('spark.hadoop.', spec.hadoopConf),
    dependencies(spec),
    roleConf(spec, 'driver', metadata.labels),
    {
      'spark.kubernetes.driver.pod.name': driverPodName(application),
      'spark.kubernetes.driver.master': spec.driver.kubernetesMaster,
    },
    prefixed('spark.kubernetes.driver.service.label.', spec.driver.serviceLabels),
    prefixed('spark.kubernetes.driver.service.annotation.', spec.driver.serviceAnnotations),
    roleConf(spec, 'executor', metadata.labels),
    {
      'spark.executor.instances': spec.executor.instances,
      'spark.kubernetes.executor.deleteOnTermination': spec.executor.deleteOnTermination,
      // From Spark 4.1 on it wins over the pod template, which has the same for the versions before.
      'spark.kubernetes.executor.terminationGracePeriodSeconds':
        executorGrace === undefined ? undefined : `${executorGrace}s`,
    },
    prefixed('spark.kubernetes.node.selector.', spec.nodeSelector),
    dynamicAllocation(spec),
  );
  return { ...without(conf, namedInEnv(spec)), ...userOfDriver(spec) };
}

const ofSpark = (conf: Entries = NO_ENTRIES): Entries =>
  Object.fromEntries(Object.entries(conf).filter(([key]) => key.startsWith(SPARK_PREFIX)));

/**
 * Kueue queues the pods of an application one by one, by this label; a pod that another pod owns, as executors are, only
 * with the second.
 */
const KUEUE_QUEUE = 'kueue.x-k8s.io/queue-name';
const KUEUE_PARENT = 'kueue.x-k8s.io/pod-suspending-parent';

/**
 * The configuration of variables that `env` names too. Spark adds its own after those of a pod template, where
 * `env` goes, so they must not be in the configuration: the operator appends `env` last, and so it wins.
 */
function namedInEnv(spec: ApplicationSpec): ReadonlySet<string> {
  const keys = (['driver', 'executor'] as const).flatMap((role) =>
    (spec[role].env ?? []).flatMap(({ name }) => [
      environment(role) + name,
      `spark.kubernetes.${role}.secretKeyRef.${name}`,
    ]),
  );
  return new Set(keys);
}

/** The one variable that Spark itself sets in any driver and the configuration overrides. */
function userOfDriver({ driver }: ApplicationSpec): Record<string, string> {
  const value = driver.env?.findLast(({ name }) => name === 'SPARK_USER')?.value;
  return value === undefined ? {} : { [`${environment('driver')}SPARK_USER`]: value };
}

const environment = (role: Role): string => (role === 'driver' ? 'spark.kubernetes.driverEnv.' : 'spark.executorEnv.');

function dependencies({ deps = {} }: ApplicationSpec): Entries {
  return {
    'spark.jars': joined(deps.jars),
    'spark.jars.packages': joined(deps.packages),
    'spark.jars.excludes': joined(deps.excludePackages),
    'spark.jars.repositories': joined(deps.repositories),
    'spark.submit.pyFiles': joined(deps.pyFiles),
    'spark.files': joined(deps.files),
    'spark.archives': joined(deps.archives),
  };
}

function roleConf(spec: ApplicationSpec, role: Role, applicationLabels: Readonly<Record<string, string>>): Entries {
  const pod: RoleSpec = spec[role];
  const kubernetes = `spark.kubernetes.${role}`;
  return merge(
    {
      [`${kubernetes}.container.image`]: pod.image ?? spec.image,
      [`spark.${role}.cores`]: pod.cores,
      [`${kubernetes}.request.cores`]: pod.coreRequest,
      [`${kubernetes}.limit.cores`]: pod.coreLimit,
      [`spark.${role}.memory`]: pod.memory,
      [`spark.${role}.memoryOverhead`]: pod.memoryOverhead,
      [`spark.kubernetes.authenticate.${role}.serviceAccountName`]: pod.serviceAccount,
      [`spark.${role}.extraJavaOptions`]: pod.javaOptions,
      [`${kubernetes}.scheduler.name`]: spec.batchScheduler ?? pod.schedulerName,
      // This one, from Spark 4.3 on, wins over the pod template, which has the same for the versions before.
      [`${kubernetes}.securityContext.allowPrivilegeEscalation`]: pod.securityContext?.allowPrivilegeEscalation,
      [`${kubernetes}.podTemplateContainerName`]: templateContainerName(spec, role),
    },
    prefixed(`${kubernetes}.label.`, { ...applicationLabels, ...pod.labels }),
    role === 'executor' && (applicationLabels[KUEUE_QUEUE] ?? pod.labels?.[KUEUE_QUEUE]) !== undefined
      ? { [`${kubernetes}.label.${KUEUE_PARENT}`]: pod.labels?.[KUEUE_PARENT] ?? 'pod' }
      : {},
    prefixed(`${kubernetes}.annotation.`, pod.annotations),
    prefixed(`${kubernetes}.node.selector.`, pod.nodeSelector),
    prefixed(environment(role), { ...pod.envVars, ...secretVariables(pod) }),
    pod.secrets === undefined ? {} : prefixed(`${kubernetes}.secrets.`, secretConf(pod.secrets)),
    prefixed(
      `${kubernetes}.secretKeyRef.`,
      Object.fromEntries(
        Object.entries(pod.envSecretKeyRefs ?? {}).map(([env, { name, key }]) => [env, `${name}:${key}`]),
      ),
    ),
    pod.volumeMounts === undefined ? {} : localDirConf(spec, role),
  );
}

/** Where libraries look for the secrets they know. */
function secretVariables({ secrets = [] }: RoleSpec): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { path, secretType } of secrets) {
    const directory = withoutTrailing(path, '/');
    switch (secretType) {
      case 'GCPServiceAccount':
        variables['GOOGLE_APPLICATION_CREDENTIALS'] = `${directory}/key.json`;
        break;
      case 'HadoopDelegationToken':
        variables['HADOOP_TOKEN_FILE_LOCATION'] = `${directory}/hadoop.token`;
        break;
      case 'Generic':
        break;
      default:
        secretType satisfies never;
    }
  }
  return variables;
}

function dynamicAllocation({ dynamicAllocation }: ApplicationSpec): Entries {
  if (dynamicAllocation?.enabled !== true) return {};
  const { initialExecutors, minExecutors, maxExecutors, shuffleTrackingEnabled, shuffleTrackingTimeout } =
    dynamicAllocation;
  return prefixed('spark.dynamicAllocation.', {
    enabled: true,
    initialExecutors,
    minExecutors,
    maxExecutors,
    'shuffleTracking.enabled': shuffleTrackingEnabled ?? true,
    'shuffleTracking.timeout': shuffleTrackingTimeout,
  });
}

const joined = (items: readonly string[] | undefined): string | undefined =>
  items === undefined || items.length === 0 ? undefined : items.join(',');

const NO_ENTRIES: Entries = {};

const prefixed = (prefix: string, entries: Entries | undefined): Entries =>
  entries === undefined
    ? NO_ENTRIES
    : Object.fromEntries(Object.entries(entries).map(([key, value]) => [prefix + key, value]));

const without = (
  entries: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> =>
  names.size === 0 ? entries : Object.fromEntries(Object.entries(entries).filter(([name]) => !names.has(name)));

function merge(...sources: readonly Entries[]): Record<string, string> {
  const conf: Record<string, string> = {};
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) if (value !== undefined) conf[key] = String(value);
  }
  return conf;
}
