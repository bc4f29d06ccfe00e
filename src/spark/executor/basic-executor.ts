import type { Container } from '../../kubernetes/objects.ts';
import { addEnv, addVolumes, type DriverContext, type DriverSpec, type FeatureStep } from '../driver/driver-spec.ts';
import { CONF_MOUNT_PATH } from '../driver/steps/conf-map.ts';
import { containerMemory } from '../memory.ts';
import { booleanOf, listOf, withPrefix, type SparkConf } from '../spark-conf.ts';
import { appNameLabel, resourceNamePrefix } from '../spark-names.ts';
import { refuseInvalid, refuseMissingImage } from '../submission-refused.ts';

/** A stand-in for what the driver draws at random, of the same length. */
const UNIQUE_ID = '0123456789abcdef';
const MAX_PREFIX_LENGTH = 237;
const PREFIX_KEY = 'spark.kubernetes.executor.podNamePrefix';
export const EXECUTOR_CONTAINER_NAME = 'spark-kubernetes-executor';
/** Spark leaves out other variables. */
const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** Container, image, port, environment, metadata and resources. */
export const basicExecutorStep: FeatureStep = {
  className: 'BasicExecutorFeatureStep',
  apply(executor, context) {
    const { conf, language, rules } = context;
    const { totalMib } = containerMemory(conf, 'executor', language, rules);
    const blockManager = blockManagerPort(conf);
    const name = `${podNamePrefix(context)}-exec-1`;
    const decommissions = booleanOf(conf, 'spark.decommission.enabled', false);
    const built: DriverSpec = {
      ...executor,
      metadata: metadata(executor, context, name),
      pod: pod(executor, conf, name),
      container: {
        ...executor.container,
        name: (executor.container as Partial<Container>).name ?? EXECUTOR_CONTAINER_NAME,
        image: image(context),
        imagePullPolicy: conf['spark.kubernetes.container.image.pullPolicy'] ?? 'IfNotPresent',
        resources: resources(executor, conf, `${totalMib}Mi`),
        ports: [
          ...(executor.container.ports ?? []),
          ...(blockManager === 0 ? [] : [{ name: 'blockmanager', containerPort: blockManager }]),
        ],
        args: [...(executor.container.args ?? []), 'executor'],
        ...(decommissions && { lifecycle: { preStop: { exec: { command: ['/opt/decom.sh'] } } } }),
      },
    };
    const variables = Object.entries(withPrefix(conf, 'spark.executorEnv.')).filter(([key]) => VARIABLE.test(key));
    const withEnv = addEnv(built, ...variables.map(([key, value]) => ({ name: key, value })), {
      name: 'SPARK_CONF_DIR',
      value: CONF_MOUNT_PATH,
    });
    if (booleanOf(conf, 'spark.kubernetes.executor.disableConfigMap', false)) return withEnv;
    return addVolumes(withEnv, [
      {
        volume: { name: 'spark-conf-volume-exec', configMap: { name: `spark-exec-${UNIQUE_ID}-conf-map` } },
        mount: { name: 'spark-conf-volume-exec', mountPath: CONF_MOUNT_PATH },
      },
    ]);
  },
};

/** The user's, or one that Spark derives and shortens. */
function podNamePrefix({ conf, submission }: DriverContext): string {
  const prefix = conf[PREFIX_KEY];
  if (prefix === undefined) {
    const derived = resourceNamePrefix(`${submission.appName}-${UNIQUE_ID}`);
    return derived.length <= MAX_PREFIX_LENGTH ? derived : `spark-${UNIQUE_ID}`;
  }
  const isSubdomain = prefix.split('.').every((part) => /^[a-z0-9]/.test(part) && /^[-a-z0-9]*[a-z0-9]$/.test(part));
  if (prefix.length > MAX_PREFIX_LENGTH || !isSubdomain) {
    refuseInvalid(
      PREFIX_KEY,
      `"${prefix}" is not a DNS subdomain of at most ${MAX_PREFIX_LENGTH} characters`,
      'Use lower-case letters, digits and "-".',
    );
  }
  return prefix;
}

/** As Spark derives it: the end of the name. */
function hostname(name: string): string {
  return name
    .slice(-63)
    .replace(/^\W+/, '')
    .replace(/[^\w-]+/g, '_');
}

function blockManagerPort(conf: SparkConf): number {
  const key = 'spark.blockManager.port';
  const text = conf[key]?.trim() ?? '7079';
  const port = Number(text);
  if (!/^\d+$/.test(text) || (port !== 0 && (port < 1024 || port > 65_535))) {
    refuseInvalid(key, `"${text}" is not a port of an executor`, 'Give 0 or a number from 1024 to 65535.');
  }
  return port;
}

function image({ conf, rules, submission }: DriverContext): string {
  const image = conf['spark.kubernetes.executor.container.image'] ?? conf['spark.kubernetes.container.image'];
  if (image === undefined) {
    return refuseMissingImage('the executors have no image', 'spec.executor.image');
  }
  return rules.sparkVersionInImage ? image.replaceAll('{{SPARK_VERSION}}', submission.sparkVersion) : image;
}

function metadata(executor: DriverSpec, context: DriverContext, name: string): DriverSpec['metadata'] {
  const { conf, identity, submission, rules } = context;
  const substituted = (value: string): string =>
    value.replaceAll('{{APP_ID}}', identity.sparkApplicationId).replaceAll('{{EXECUTOR_ID}}', '1');
  const labels = Object.entries(withPrefix(conf, 'spark.kubernetes.executor.label.'));
  const annotations = Object.entries(withPrefix(conf, 'spark.kubernetes.executor.annotation.'));
  return {
    ...executor.metadata,
    name,
    namespace: submission.namespace,
    labels: {
      ...executor.metadata.labels,
      ...Object.fromEntries(labels.map(([key, value]) => [key, rules.appIdInLabels ? substituted(value) : value])),
      'spark-version': submission.sparkVersion,
      'spark-app-selector': identity.sparkApplicationId,
      'spark-app-name': appNameLabel(submission.appName),
      'spark-role': 'executor',
      'spark-exec-id': '1',
      'spark-exec-resourceprofile-id': '0',
    },
    annotations: {
      ...executor.metadata.annotations,
      ...Object.fromEntries(annotations.map(([key, value]) => [key, substituted(value)])),
    },
  };
}

function pod({ pod }: DriverSpec, conf: SparkConf, name: string): DriverSpec['pod'] {
  const nodeSelector = {
    ...pod.nodeSelector,
    ...withPrefix(conf, 'spark.kubernetes.node.selector.'),
    ...withPrefix(conf, 'spark.kubernetes.executor.node.selector.'),
  };
  const pullSecrets = listOf(conf, 'spark.kubernetes.container.image.pullSecrets').map((secret) => ({ name: secret }));
  const schedulerName = conf['spark.kubernetes.executor.scheduler.name'] ?? conf['spark.kubernetes.scheduler.name'];
  return {
    ...pod,
    hostname: hostname(name),
    restartPolicy: conf['spark.kubernetes.allocation.pods.allocator'] === 'statefulset' ? 'Always' : 'Never',
    nodeSelector,
    imagePullSecrets: [...(pod.imagePullSecrets ?? []), ...pullSecrets],
    ...(schedulerName !== undefined && { schedulerName }),
  };
}

function resources({ container }: DriverSpec, conf: SparkConf, memory: string): NonNullable<Container['resources']> {
  const cpuLimit = conf['spark.kubernetes.executor.limit.cores'];
  return {
    ...container.resources,
    requests: {
      ...container.resources?.requests,
      memory,
      cpu: conf['spark.kubernetes.executor.request.cores'] ?? conf['spark.executor.cores'] ?? '1',
    },
    limits: {
      ...container.resources?.limits,
      memory,
      ...customResources(conf),
      ...(cpuLimit !== undefined && { cpu: cpuLimit }),
    },
  };
}

/** `spark.executor.resource.gpu.{amount,vendor}` as limits on `vendor/gpu`. */
function customResources(conf: SparkConf): Record<string, string> {
  const entries = withPrefix(conf, 'spark.executor.resource.');
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, amount]) => {
      const resource = key.endsWith('.amount') ? key.slice(0, -'.amount'.length) : undefined;
      if (resource === undefined) return [];
      const vendor = entries[`${resource}.vendor`];
      if (vendor === undefined) {
        return refuseInvalid(
          `spark.executor.resource.${resource}.vendor`,
          'it is missing',
          `Name the vendor of ${resource}, for example nvidia.com.`,
        );
      }
      return [[`${vendor}/${resource}`, amount]];
    }),
  );
}
