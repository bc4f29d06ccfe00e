import * as z from 'zod';
import { formatted, quantity } from './formats.ts';
import * as kubernetes from './kubernetes-types.ts';

const strings = z.array(z.string());
const text = z.string().min(1);
const stringMap = z.record(z.string(), z.string());
const labels = z.record(formatted('label-key'), formatted('label-value'));
const annotations = z.record(formatted('label-key'), z.string());
const port = z.int().min(1).max(65535);
const namePath = z.strictObject({ name: text, path: text });

const restartPolicy = z.strictObject({
  type: z.enum(['Never', 'Always', 'OnFailure']).exactOptional(),
  onSubmissionFailureRetries: z.int32().min(0).exactOptional(),
  onFailureRetries: z.int32().min(0).exactOptional(),
  onSubmissionFailureRetryInterval: z.int().min(1).exactOptional(),
  onFailureRetryInterval: z.int().min(1).exactOptional(),
});

const dependencies = z.strictObject({
  jars: strings.exactOptional(),
  files: strings.exactOptional(),
  pyFiles: strings.exactOptional(),
  packages: strings.exactOptional(),
  excludePackages: strings.exactOptional(),
  repositories: strings.exactOptional(),
  archives: strings.exactOptional(),
});

const monitoring = z.strictObject({
  exposeDriverMetrics: z.boolean(),
  exposeExecutorMetrics: z.boolean(),
  metricsProperties: z.string().exactOptional(),
  metricsPropertiesFile: z.string().exactOptional(),
  prometheus: z
    .strictObject({
      jmxExporterJar: text,
      port: z.int().min(1024).max(49151).exactOptional(),
      portName: z.string().exactOptional(),
      configFile: z.string().exactOptional(),
      configuration: z.string().exactOptional(),
    })
    .exactOptional(),
});

const dynamicAllocation = z.strictObject({
  enabled: z.boolean().exactOptional(),
  initialExecutors: z.int32().min(0).exactOptional(),
  minExecutors: z.int32().min(0).exactOptional(),
  maxExecutors: z.int32().min(1).exactOptional(),
  shuffleTrackingEnabled: z.boolean().exactOptional(),
  shuffleTrackingTimeout: z.int().exactOptional(),
});

const service = {
  servicePortName: text.exactOptional(),
  serviceType: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).exactOptional(),
  serviceAnnotations: annotations.exactOptional(),
  serviceLabels: labels.exactOptional(),
  ingressAnnotations: annotations.exactOptional(),
  ingressTLS: z
    .array(z.strictObject({ hosts: strings.exactOptional(), secretName: z.string().exactOptional() }))
    .exactOptional(),
};

/** Fields that the driver and the executors share. */
const pod = {
  template: kubernetes.podTemplate.exactOptional(),
  cores: z.int32().min(1).exactOptional(),
  coreLimit: quantity('cpu').exactOptional(),
  coreRequest: quantity('cpu').exactOptional(),
  memoryLimit: quantity('memory-limit').exactOptional(),
  memoryOverhead: quantity('spark-memory').exactOptional(),
  gpu: z.strictObject({ name: text, quantity: z.int().min(1) }).exactOptional(),
  image: text.exactOptional(),
  configMaps: z.array(namePath).exactOptional(),
  secrets: z
    .array(namePath.extend({ secretType: z.enum(['Generic', 'GCPServiceAccount', 'HadoopDelegationToken']) }))
    .exactOptional(),
  env: z.array(kubernetes.envVar).exactOptional(),
  envVars: z.record(formatted('environment-variable'), z.string()).exactOptional(),
  envFrom: z.array(kubernetes.envFromSource).exactOptional(),
  envSecretKeyRefs: z
    .record(formatted('environment-variable'), z.strictObject({ name: text, key: text }))
    .exactOptional(),
  labels: labels.exactOptional(),
  annotations: annotations.exactOptional(),
  volumeMounts: z.array(kubernetes.volumeMount).exactOptional(),
  affinity: kubernetes.affinity.exactOptional(),
  tolerations: z.array(kubernetes.toleration).exactOptional(),
  podSecurityContext: kubernetes.podSecurityContext.exactOptional(),
  securityContext: kubernetes.securityContext.exactOptional(),
  schedulerName: text.exactOptional(),
  sidecars: z.array(kubernetes.container).exactOptional(),
  initContainers: z.array(kubernetes.container).exactOptional(),
  hostNetwork: z.boolean().exactOptional(),
  nodeSelector: labels.exactOptional(),
  dnsConfig: kubernetes.podDnsConfig.exactOptional(),
  terminationGracePeriodSeconds: z.int().min(0).exactOptional(),
  serviceAccount: formatted('dns-1123-subdomain').exactOptional(),
  hostAliases: z.array(kubernetes.hostAlias).exactOptional(),
  shareProcessNamespace: z.boolean().exactOptional(),
  javaOptions: z.string().exactOptional(),
  lifecycle: kubernetes.lifecycle.exactOptional(),
  ports: z
    .array(z.strictObject({ name: text, protocol: z.enum(['TCP', 'UDP', 'SCTP']), containerPort: port }))
    .exactOptional(),
  priorityClassName: z.string().exactOptional(),
};

const driver = z.strictObject({
  ...pod,
  // The driver's JVM gets this string as -Xmx, unlike the executors', whose memory Spark normalises.
  memory: formatted('jvm-memory').exactOptional(),
  podName: formatted('dns-1123-subdomain').exactOptional(),
  kubernetesMaster: text.exactOptional(),
  serviceAnnotations: annotations.exactOptional(),
  serviceLabels: labels.exactOptional(),
});

const executor = z.strictObject({
  ...pod,
  memory: quantity('spark-memory').exactOptional(),
  instances: z.int32().min(1).exactOptional(),
  deleteOnTermination: z.boolean().exactOptional(),
});

/** `spec` of a SparkApplication as written: structure, types, enums and ranges, without defaults. */
export const sparkApplicationSpec = z.strictObject({
  suspend: z.boolean().exactOptional(),
  type: z.enum(['Java', 'Python', 'Scala', 'R']).exactOptional(),
  sparkVersion: formatted('spark-version'),
  mode: z.enum(['cluster', 'client']).exactOptional(),
  proxyUser: text.exactOptional(),
  image: text.exactOptional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).exactOptional(),
  imagePullSecrets: strings.exactOptional(),
  mainClass: text.exactOptional(),
  mainApplicationFile: text,
  arguments: strings.exactOptional(),
  sparkConf: stringMap.exactOptional(),
  hadoopConf: stringMap.exactOptional(),
  sparkConfigMap: formatted('dns-1123-subdomain').exactOptional(),
  hadoopConfigMap: formatted('dns-1123-subdomain').exactOptional(),
  volumes: z.array(kubernetes.volume).exactOptional(),
  driver,
  executor,
  deps: dependencies.exactOptional(),
  restartPolicy: restartPolicy.exactOptional(),
  nodeSelector: labels.exactOptional(),
  failureRetries: z.int32().exactOptional(),
  retryInterval: z.int().exactOptional(),
  pythonVersion: z.enum(['2', '3']).exactOptional(),
  memoryOverheadFactor: quantity('factor').exactOptional(),
  monitoring: monitoring.exactOptional(),
  batchScheduler: text.exactOptional(),
  timeToLiveSeconds: z.int().exactOptional(),
  batchSchedulerOptions: z
    .strictObject({
      queue: text.exactOptional(),
      priorityClassName: text.exactOptional(),
      resources: z.record(z.string(), quantity('quantity')).exactOptional(),
    })
    .exactOptional(),
  sparkUIOptions: z.strictObject({ servicePort: port.exactOptional(), ...service }).exactOptional(),
  driverIngressOptions: z
    .array(
      z.strictObject({
        ...service,
        servicePort: port,
        servicePortName: text,
        ingressURLFormat: text,
      }),
    )
    .exactOptional(),
  dynamicAllocation: dynamicAllocation.exactOptional(),
  driverPodDisruptionBudget: z.boolean().exactOptional(),
});

/** As a person writes it. */
export type SparkApplicationSpecInput = z.input<typeof sparkApplicationSpec>;
/** Checked, with quantities as strings, before {@link withDefaults}. */
export type CheckedSpec = z.output<typeof sparkApplicationSpec>;
