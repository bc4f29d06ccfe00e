import * as z from 'zod';
import { emptyAsAbsent } from '../validation/empty-texts.ts';
import { formatted, quantity } from '../validation/formats.ts';
import * as kubernetes from './kubernetes-types.ts';
import type { SparkApplicationManifestSpec } from './manifest-types.ts';
import { Longest, LONGEST_SECONDS } from '../validation/lengths.ts';
import { int32, int64 } from '../validation/whole-number.ts';

// Descriptions are what editors show of a field (schema/*.json).

export const text = z.string().min(1).max(Longest.Line);
const strings = z.array(z.string());
export const configuration = z.record(formatted('configuration-key'), z.string());
export const labels = z.record(formatted('label-key'), formatted('label-value'));
const annotations = z.record(formatted('label-key'), z.string());
const port = int32({ minimum: 1, maximum: 65535 });
const namePath = z.strictObject({ name: text, path: text.max(Longest.Path) });

const retries = int32({ minimum: 0 });
const seconds = int64({ minimum: 1, maximum: LONGEST_SECONDS });

const restartPolicy = z.strictObject({
  type: z.enum(['Never', 'Always', 'OnFailure']).exactOptional().describe('Default: Never.'),
  onSubmissionFailureRetries: retries
    .exactOptional()
    .describe('How often to repeat a failed submission (OnFailure): N retries are N + 1 attempts.'),
  onFailureRetries: retries
    .exactOptional()
    .describe('How often to repeat a failed run (OnFailure): N retries are N + 1 attempts.'),
  onSubmissionFailureRetryInterval: seconds
    .exactOptional()
    .describe(
      'Seconds between submissions, times the number of attempts, at most a year. Default: 5, unless the type is Never.',
    ),
  onFailureRetryInterval: seconds
    .exactOptional()
    .describe(
      'Seconds between runs, times the number of attempts, at most a year. Default: 5, unless the type is Never.',
    ),
});

const dependencies = z.strictObject({
  jars: strings.exactOptional().describe('Jars for the class paths of driver and executors (--jars).'),
  files: strings.exactOptional().describe('Files for the working directory of each executor (--files).'),
  pyFiles: strings.exactOptional().describe('Python files for the PYTHONPATH (--py-files).'),
  packages: strings.exactOptional().describe('Maven coordinates groupId:artifactId:version (--packages).'),
  excludePackages: strings
    .exactOptional()
    .describe('groupId:artifactId to leave out of packages (--exclude-packages).'),
  repositories: strings.exactOptional().describe('More Maven repositories for packages (--repositories).'),
  archives: strings.exactOptional().describe('Archives to extract in each working directory (--archives).'),
});

const monitoring = z.strictObject({
  exposeDriverMetrics: z.boolean().describe("Whether to expose the driver's metrics."),
  exposeExecutorMetrics: z.boolean().describe("Whether to expose the executors' metrics."),
  metricsProperties: z.string().exactOptional().describe('Content of metrics.properties.'),
  metricsPropertiesFile: z.string().exactOptional().describe('Path of metrics.properties in the image.'),
  prometheus: z
    .strictObject({
      jmxExporterJar: text.describe("Path of the JMX exporter's jar in the image."),
      port: int32({ minimum: 1024, maximum: 49151 }).exactOptional().describe('Port of the exporter. Default: 8090.'),
      portName: text.exactOptional().describe('Name of that port. Default: jmx-exporter.'),
      configFile: z
        .string()
        .exactOptional()
        .describe('Path of the configuration in the image; it beats configuration.'),
      configuration: z.string().exactOptional().describe("Content of the exporter's configuration."),
    })
    .exactOptional()
    .describe('The Prometheus JMX exporter. Nothing is exposed without it.'),
});

const executorCount = int32({ minimum: 0 });

export const dynamicAllocation = z.strictObject({
  enabled: z.boolean().exactOptional().describe('Default: false.'),
  initialExecutors: executorCount.exactOptional().describe('Executors at the start, unless instances is more.'),
  minExecutors: executorCount.exactOptional().describe('Fewest executors.'),
  maxExecutors: int32({ minimum: 1 }).exactOptional().describe('Most executors.'),
  shuffleTrackingEnabled: z
    .boolean()
    .exactOptional()
    .describe('Keep executors that hold shuffle data. Default: true with dynamic allocation.'),
  shuffleTrackingTimeout: z
    .int()
    .exactOptional()
    .describe('Milliseconds after which executors with shuffle data may be removed.'),
});

const batchSchedulerOptions = z.strictObject({
  queue: text.exactOptional().describe('Queue of Volcano or YuniKorn.'),
  priorityClassName: text.exactOptional().describe("PriorityClass of Volcano's PodGroup."),
  resources: z
    .record(text, quantity('quantity'))
    .exactOptional()
    .describe("Resources of Volcano's PodGroup instead of the sum over driver and executors."),
});

const service = {
  serviceType: z
    .enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])
    .exactOptional()
    .describe('Type of the Service. Default: ClusterIP.'),
  serviceAnnotations: annotations.exactOptional().describe('Annotations of the Service.'),
  serviceLabels: labels.exactOptional().describe('Labels of the Service.'),
  ingressAnnotations: annotations.exactOptional().describe('Annotations of the Ingress.'),
  ingressTLS: z
    .array(z.strictObject({ hosts: strings.exactOptional(), secretName: z.string().exactOptional() }))
    .exactOptional()
    .describe('TLS of the Ingress.'),
};

const sparkUIOptions = z.strictObject({
  servicePort: port.exactOptional().describe('Port of the Service. Default: 4040.'),
  servicePortName: text.exactOptional().describe('Name of that port. Default: spark-driver-ui-port.'),
  ...service,
});

const driverIngressOptions = z.strictObject({
  servicePort: port.describe('Port of the driver, and of its Service.'),
  servicePortName: text.describe('Name of that port.'),
  ingressURLFormat: text.describe('URL of the Ingress; {{$appName}}, {{$appNamespace}} and {{$appId}} are filled in.'),
  ...service,
});

/** Fields that the driver and the executors share. */
const role = {
  template: kubernetes.podTemplate.exactOptional().describe('Pod template, merged under everything else.'),
  cores: int32({ minimum: 1, forFractions: 'for a part of a core, set coreRequest' })
    .exactOptional()
    .describe('Cores. Default: 1, unless sparkConf sets them.'),
  coreRequest: quantity('cpu').exactOptional().describe('CPU request of the pod. Default: cores.'),
  coreLimit: quantity('cpu').exactOptional().describe('CPU limit of the pod. Default: none.'),
  memoryLimit: quantity('memory-limit').exactOptional().describe('Memory limit of the pod instead of its request.'),
  memoryOverhead: quantity('spark-memory')
    .exactOptional()
    .describe('Memory in addition to the heap; a number alone is MiB. Default: by memoryOverheadFactor.'),
  gpu: z
    .strictObject({
      name: text.describe('Resource name, for example nvidia.com/gpu.'),
      quantity: int64({ minimum: 1 }).describe('How many.'),
    })
    .exactOptional()
    .describe('GPUs of the pod.'),
  image: text.exactOptional().describe('Container image. Default: spec.image.'),
  configMaps: z.array(namePath).exactOptional().describe('ConfigMaps to mount, each at its path.'),
  secrets: z
    .array(
      namePath.extend({
        secretType: z
          .enum(['Generic', 'GCPServiceAccount', 'HadoopDelegationToken'])
          .describe('The last two also set the environment variable by which their users find them.'),
      }),
    )
    .exactOptional()
    .describe('Secrets to mount, each at its path.'),
  env: z.array(kubernetes.envVar).exactOptional().describe('Environment variables.'),
  envVars: z
    .record(formatted('environment-variable'), z.string())
    .exactOptional()
    .describe('Environment variables, name to value. Deprecated: use env.'),
  envFrom: z
    .array(kubernetes.envFromSource)
    .exactOptional()
    .describe('ConfigMaps and Secrets with environment variables.'),
  envSecretKeyRefs: z
    .record(formatted('environment-variable'), z.strictObject({ name: text, key: text }))
    .exactOptional()
    .describe('Environment variables from Secrets. Deprecated: use env.'),
  labels: labels.exactOptional().describe('Labels of the pod.'),
  annotations: annotations.exactOptional().describe('Annotations of the pod.'),
  volumeMounts: z.array(kubernetes.volumeMount).exactOptional().describe('Where spec.volumes are mounted.'),
  affinity: kubernetes.affinity.exactOptional().describe('Affinity of the pod.'),
  tolerations: z.array(kubernetes.toleration).exactOptional().describe('Tolerations of the pod.'),
  nodeSelector: labels.exactOptional().describe('Node labels that the pod needs. Excludes spec.nodeSelector.'),
  podSecurityContext: kubernetes.podSecurityContext.exactOptional().describe('Security context of the pod.'),
  securityContext: kubernetes.securityContext.exactOptional().describe('Security context of the Spark container.'),
  schedulerName: text.exactOptional().describe('Scheduler of the pod.'),
  priorityClassName: text.exactOptional().describe('PriorityClass of the pod.'),
  sidecars: z.array(kubernetes.container).exactOptional().describe('Containers in addition to the Spark container.'),
  initContainers: z.array(kubernetes.container).exactOptional().describe('Containers that run before it.'),
  hostNetwork: z.boolean().exactOptional().describe("Use the node's network."),
  hostAliases: z.array(kubernetes.hostAlias).exactOptional().describe('Entries of /etc/hosts.'),
  dnsConfig: kubernetes.podDnsConfig.exactOptional().describe('DNS settings of the pod.'),
  shareProcessNamespace: z.boolean().exactOptional().describe('One process namespace for all containers of the pod.'),
  terminationGracePeriodSeconds: int32({ minimum: 0 }).exactOptional().describe('Seconds between SIGTERM and SIGKILL.'),
  serviceAccount: formatted('dns-1123-subdomain').exactOptional().describe('Service account of the pod.'),
  javaOptions: z.string().exactOptional().describe('Options of the JVM (extraJavaOptions).'),
  lifecycle: kubernetes.lifecycle.exactOptional().describe('Hooks of the Spark container.'),
  ports: z
    .array(z.strictObject({ name: text, protocol: z.enum(['TCP', 'UDP', 'SCTP']), containerPort: port }))
    .exactOptional()
    .describe('Ports of the Spark container.'),
};

const driver = z.strictObject({
  ...role,
  // The driver's JVM gets this string as -Xmx, unlike the executors', whose memory Spark normalises.
  memory: formatted('jvm-memory')
    .exactOptional()
    .describe('Heap of the driver, at least 512m. Default: 1g, unless sparkConf sets it.'),
  podName: formatted('dns-1123-subdomain').exactOptional().describe('Name of the pod. Default: <name>-driver.'),
  kubernetesMaster: text.exactOptional().describe('URL of the API server for the driver to use.'),
  serviceAnnotations: annotations.exactOptional().describe("Annotations of the driver's headless Service."),
  serviceLabels: labels.exactOptional().describe("Labels of the driver's headless Service."),
});

const executor = z.strictObject({
  ...role,
  memory: quantity('spark-memory')
    .exactOptional()
    .describe('Heap of an executor, at least 512m, with its unit. Default: 1g, unless sparkConf sets it.'),
  instances: z
    .int32()
    .min(1)
    .exactOptional()
    .describe('Number of executors. Default: 1, unless sparkConf or dynamic allocation sets it.'),
  deleteOnTermination: z
    .boolean()
    .exactOptional()
    .describe('Whether executor pods are deleted when they end. Default: true.'),
});

/** The schema with the type that zod infers, for manifest-types.ts and its tests. @internal */
export const inferredSpec = z
  .strictObject({
    type: z.enum(['Java', 'Python', 'Scala', 'R']).exactOptional().describe('Language. Default: Scala.'),
    mode: z.enum(['cluster', 'client']).exactOptional().describe('Only cluster runs here. Default: cluster.'),
    sparkVersion: formatted('spark-version').describe('Version of Spark in the image.'),
    image: text.exactOptional().describe('Container image of driver and executors.'),
    imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).exactOptional().describe('Default: IfNotPresent.'),
    imagePullSecrets: strings.exactOptional().describe('Names of Secrets for the image registry.'),
    mainClass: text.exactOptional().describe('Main class of a Java or Scala application.'),
    mainApplicationFile: text.describe('Jar, Python or R file: local:// in the image, or a remote URI.'),
    arguments: strings.exactOptional().describe('Arguments of the application.'),
    sparkConf: configuration.exactOptional().describe('Spark configuration; fields of the spec beat it.'),
    hadoopConf: configuration.exactOptional().describe('Hadoop configuration, without the prefix spark.hadoop.'),
    sparkConfigMap: formatted('dns-1123-subdomain')
      .exactOptional()
      .describe('ConfigMap with Spark configuration files, mounted at /etc/spark/conf.'),
    hadoopConfigMap: formatted('dns-1123-subdomain')
      .exactOptional()
      .describe('ConfigMap with Hadoop configuration files, mounted at /etc/hadoop/conf.'),
    deps: dependencies.exactOptional().describe('What the application needs in addition to its main file.'),
    driver: driver.describe('The driver.'),
    executor: executor.describe('The executors.'),
    dynamicAllocation: dynamicAllocation.exactOptional().describe('As many executors as there is work for.'),
    volumes: z
      .array(kubernetes.volume)
      .exactOptional()
      .describe('Volumes for the volumeMounts of driver and executor.'),
    nodeSelector: labels.exactOptional().describe('Node labels that all pods need. Deprecated: set it for each role.'),
    memoryOverheadFactor: quantity('factor')
      .exactOptional()
      .describe('Memory in addition to the heap, as a fraction of it. Default: 0.1, or 0.4 for Python and R.'),
    pythonVersion: z.enum(['2', '3']).exactOptional().describe('Major version of Python.'),
    proxyUser: text.exactOptional().describe('User to impersonate (--proxy-user).'),
    restartPolicy: restartPolicy.exactOptional().describe('What to do when a submission or a run fails or ends.'),
    suspend: z.boolean().exactOptional().describe('Stop the application, or do not start it yet. Default: false.'),
    timeToLiveSeconds: int32()
      .exactOptional()
      .describe('Seconds after the end until what is left of the application is deleted.'),
    monitoring: monitoring.exactOptional().describe('Metrics.'),
    batchScheduler: text.exactOptional().describe('volcano, yunikorn, or the name of a coscheduling scheduler.'),
    batchSchedulerOptions: batchSchedulerOptions.exactOptional().describe('Options for batchScheduler.'),
    sparkUIOptions: sparkUIOptions.exactOptional().describe("Service and Ingress of the driver's web UI."),
    driverIngressOptions: z
      .array(driverIngressOptions)
      .exactOptional()
      .describe('Services and Ingresses of other ports of the driver.'),
    driverPodDisruptionBudget: z
      .boolean()
      .exactOptional()
      .describe('Protect the driver from voluntary eviction. Default: false.'),
    failureRetries: int32().exactOptional().describe('No effect, as in the operator: use restartPolicy.'),
    retryInterval: int64().exactOptional().describe('No effect, as in the operator: use restartPolicy.'),
  })
  .meta({ id: 'SparkApplicationSpec' });

/** `spec` of a SparkApplication, checked, with quantities as strings and without defaults. */
export type CheckedSpec = SparkApplicationManifestSpec<string>;

/** `spec` of a SparkApplication as written: structure, types, enums and ranges, without defaults. */
export const sparkApplicationSpec: z.ZodType<CheckedSpec, SparkApplicationManifestSpec> = emptyAsAbsent(inferredSpec);
