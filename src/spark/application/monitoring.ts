import type { ConfigMap } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import { defaultExporterConfiguration, defaultMetricsProperties } from './metrics-files.ts';
import type { Role } from './role.ts';

const MOUNT_PATH = '/etc/metrics/conf';
const METRICS_FILE = 'metrics.properties';
const EXPORTER_FILE = 'prometheus.yaml';

/**
 * `spec.monitoring` translated into the other fields of the application: configuration, and for each role that exposes
 * its metrics the JMX exporter as a Java agent, its port, the scraper's annotations and the files of
 * `monitoringConfigMap`.
 */
export function withMonitoring(application: SparkApplication): SparkApplication {
  const { metadata, spec } = application;
  const { monitoring } = spec;
  if (!isActive(application)) return application;
  const role = <R extends Role>(name: R): SparkApplication['spec'][R] =>
    exposes(application, name) ? { ...spec[name], ...monitoredFields(application, name) } : spec[name];
  return {
    ...application,
    spec: {
      ...spec,
      sparkConf: {
        ...spec.sparkConf,
        'spark.metrics.namespace': `${metadata.namespace}.${metadata.name}`,
        'spark.metrics.conf': monitoring?.metricsPropertiesFile ?? `${MOUNT_PATH}/${METRICS_FILE}`,
      },
      driver: role('driver'),
      executor: role('executor'),
    },
  };
}

/** The files that the image does not hold; undefined where it holds all, or where nothing is monitored. */
export function monitoringConfigMap(application: SparkApplication): ConfigMap | undefined {
  const { metadata, spec } = application;
  if (!isActive(application)) return undefined;
  const { metricsProperties, metricsPropertiesFile, prometheus } = spec.monitoring ?? {};
  const data = {
    ...(metricsPropertiesFile === undefined && { [METRICS_FILE]: metricsProperties ?? defaultMetricsProperties }),
    ...(prometheus !== undefined &&
      prometheus.configFile === undefined && {
        [EXPORTER_FILE]: prometheus.configuration ?? defaultExporterConfiguration,
      }),
  };
  if (Object.keys(data).length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMapName(application), namespace: metadata.namespace },
    data,
  };
}

const configMapName = ({ metadata }: SparkApplication): string => `${metadata.name}-prom-conf`;

function isActive({ spec: { monitoring } }: SparkApplication): boolean {
  const { metricsProperties, metricsPropertiesFile, prometheus } = monitoring ?? {};
  return (prometheus ?? metricsProperties ?? metricsPropertiesFile) !== undefined;
}

function exposes({ spec: { monitoring } }: SparkApplication, role: Role): boolean {
  return (role === 'driver' ? monitoring?.exposeDriverMetrics : monitoring?.exposeExecutorMetrics) === true;
}

function monitoredFields(
  application: SparkApplication,
  role: Role,
): Partial<SparkApplication['spec']['driver' | 'executor']> {
  const { spec } = application;
  const pod = spec[role];
  const files = monitoringConfigMap(application);
  const prometheus = spec.monitoring?.prometheus;
  const mounted = files && {
    configMaps: [...(pod.configMaps ?? []), { name: files.metadata!.name!, path: MOUNT_PATH }],
  };
  if (prometheus === undefined) return { ...mounted };
  const { configFile, jmxExporterJar, port = 8090, portName = 'jmx-exporter' } = prometheus;
  const agent = `-javaagent:${jmxExporterJar}=${port}:${configFile ?? `${MOUNT_PATH}/${EXPORTER_FILE}`}`;
  const javaOptions = pod.javaOptions ?? spec.sparkConf?.[`spark.${role}.extraJavaOptions`];
  return {
    ...mounted,
    javaOptions: javaOptions === undefined ? agent : `${javaOptions} ${agent}`,
    ports: [...(pod.ports ?? []), { name: portName, containerPort: port, protocol: 'TCP' }],
    annotations: {
      ...pod.annotations,
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': String(port),
      'prometheus.io/path': '/metrics',
    },
  };
}
