// Written by scripts/manifest-types.ts.
import type { Container, EnvVar, PodTemplate, Volume, VolumeMount } from '../kubernetes/objects.ts';
import type {
  Affinity,
  EnvFromSource,
  HostAlias,
  Lifecycle,
  PodDnsConfig,
  PodSecurityContext,
  SecurityContext,
  Toleration,
} from './kubernetes-types.ts';

/** An application as a person writes it. */
export interface SparkApplicationManifest {
  apiVersion: 'sparkoperator.k8s.io/v1beta2';
  kind: 'SparkApplication';
  metadata: ManifestMetadata;
  spec: SparkApplicationManifestSpec;
  status?: unknown;
}

/** A schedule of an application, as a person writes it. */
export interface ScheduledSparkApplicationManifest {
  apiVersion: 'sparkoperator.k8s.io/v1beta2';
  kind: 'ScheduledSparkApplication';
  metadata: ManifestMetadata;
  spec: {
    /** Cron expression with five fields, a word such as @daily, or @every 30m. */
    schedule: string;
    /** IANA name of a time zone. Default: UTC. */
    timeZone?: string;
    /** The application to run. */
    template: SparkApplicationManifestSpec;
    /** Start no more runs. Default: false. */
    suspend?: boolean;
    /** What to do when a run is due while another runs. Default: Allow. */
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
    /** Successful runs to keep. Default: 1. */
    successfulRunHistoryLimit?: number;
    /** Failed runs to keep. Default: 1. */
    failedRunHistoryLimit?: number;
  };
  status?: unknown;
}

/** `metadata` of a manifest: `name` or `generateName` is there. */
export interface ManifestMetadata {
  /** Name of the application or the pipeline. Allowed: at most 63 lower-case letters, digits and "-", beginning with a letter and not ending in "-", for example "spark-pi". */
  name?: string;
  /** Beginning of a name, to be completed at random. Allowed: lower-case letters, digits and "-", beginning with a letter, for example "spark-pi-". */
  generateName?: string;
  /** Namespace of the pods. Default: default. Allowed: at most 63 lower-case letters, digits and "-", for example "analytics". */
  namespace?: string;
  /** Labels, also of the pods. */
  labels?: Record<string, string>;
  /** Annotations. */
  annotations?: Record<string, string>;
  /** Has no effect here. */
  uid?: unknown;
  /** Has no effect here. */
  resourceVersion?: unknown;
  /** Has no effect here. */
  generation?: unknown;
  /** Has no effect here. */
  creationTimestamp?: unknown;
  /** Has no effect here. */
  deletionTimestamp?: unknown;
  /** Has no effect here. */
  deletionGracePeriodSeconds?: unknown;
  /** Has no effect here. */
  selfLink?: unknown;
  /** Has no effect here. */
  managedFields?: unknown;
  /** Has no effect here. */
  ownerReferences?: unknown;
  /** Has no effect here. */
  finalizers?: unknown;
}

/** `spec` of an application. In a checked one a `Quantity` is a string. */
export interface SparkApplicationManifestSpec<Quantity = string | number> {
  /** Language. Default: Scala. */
  type?: 'Java' | 'Python' | 'Scala' | 'R';
  /** Only cluster runs here. Default: cluster. */
  mode?: 'cluster' | 'client';
  /** Version of Spark in the image. Allowed: a full Spark version X.Y.Z, for example "4.1.4". */
  sparkVersion: string;
  /** Container image of driver and executors. */
  image?: string;
  /** Default: IfNotPresent. */
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets for the image registry. */
  imagePullSecrets?: string[];
  /** Main class of a Java or Scala application. */
  mainClass?: string;
  /** Jar, Python or R file: local:// in the image, or a remote URI. */
  mainApplicationFile: string;
  /** Arguments of the application. */
  arguments?: string[];
  /** Spark configuration; fields of the spec beat it. */
  sparkConf?: Record<string, string>;
  /** Hadoop configuration, without the prefix spark.hadoop. */
  hadoopConf?: Record<string, string>;
  /** ConfigMap with Spark configuration files, mounted at /etc/spark/conf. Allowed: at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver". */
  sparkConfigMap?: string;
  /** ConfigMap with Hadoop configuration files, mounted at /etc/hadoop/conf. Allowed: at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver". */
  hadoopConfigMap?: string;
  /** What the application needs in addition to its main file. */
  deps?: {
    /** Jars for the class paths of driver and executors (--jars). */
    jars?: string[];
    /** Files for the working directory of each executor (--files). */
    files?: string[];
    /** Python files for the PYTHONPATH (--py-files). */
    pyFiles?: string[];
    /** Maven coordinates groupId:artifactId:version (--packages). */
    packages?: string[];
    /** groupId:artifactId to leave out of packages (--exclude-packages). */
    excludePackages?: string[];
    /** More Maven repositories for packages (--repositories). */
    repositories?: string[];
    /** Archives to extract in each working directory (--archives). */
    archives?: string[];
  };
  /** The driver. */
  driver: SparkDriverManifest<Quantity>;
  /** The executors. */
  executor: SparkExecutorManifest<Quantity>;
  /** As many executors as there is work for. */
  dynamicAllocation?: {
    /** Default: false. */
    enabled?: boolean;
    /** Executors at the start, unless instances is more. */
    initialExecutors?: number;
    /** Fewest executors. */
    minExecutors?: number;
    /** Most executors. */
    maxExecutors?: number;
    /** Keep executors that hold shuffle data. Default: true with dynamic allocation. */
    shuffleTrackingEnabled?: boolean;
    /** Milliseconds after which executors with shuffle data may be removed. */
    shuffleTrackingTimeout?: number;
  };
  /** Volumes for the volumeMounts of driver and executor. */
  volumes?: Volume[];
  /** Node labels that all pods need. @deprecated set it for each role. */
  nodeSelector?: Record<string, string>;
  /** Memory in addition to the heap, as a fraction of it. Default: 0.1, or 0.4 for Python and R. */
  memoryOverheadFactor?: Quantity;
  /** Major version of Python. */
  pythonVersion?: '2' | '3';
  /** User to impersonate (--proxy-user). */
  proxyUser?: string;
  /** What to do when a submission or a run fails or ends. */
  restartPolicy?: {
    /** Default: Never. */
    type?: 'Never' | 'Always' | 'OnFailure';
    /** How often to repeat a failed submission (OnFailure): N retries are N + 1 attempts. */
    onSubmissionFailureRetries?: number;
    /** How often to repeat a failed run (OnFailure): N retries are N + 1 attempts. */
    onFailureRetries?: number;
    /** Seconds between submissions, times the number of attempts, at most a year. Default: 5, unless the type is Never. */
    onSubmissionFailureRetryInterval?: number;
    /** Seconds between runs, times the number of attempts, at most a year. Default: 5, unless the type is Never. */
    onFailureRetryInterval?: number;
  };
  /** Stop the application, or do not start it yet. Default: false. */
  suspend?: boolean;
  /** Seconds after the end until what is left of the application is deleted. */
  timeToLiveSeconds?: number;
  /** Metrics. */
  monitoring?: {
    /** Whether to expose the driver's metrics. */
    exposeDriverMetrics: boolean;
    /** Whether to expose the executors' metrics. */
    exposeExecutorMetrics: boolean;
    /** Content of metrics.properties. */
    metricsProperties?: string;
    /** Path of metrics.properties in the image. */
    metricsPropertiesFile?: string;
    /** The Prometheus JMX exporter. Nothing is exposed without it. */
    prometheus?: {
      /** Path of the JMX exporter's jar in the image. */
      jmxExporterJar: string;
      /** Port of the exporter. Default: 8090. */
      port?: number;
      /** Name of that port. Default: jmx-exporter. */
      portName?: string;
      /** Path of the configuration in the image; it beats configuration. */
      configFile?: string;
      /** Content of the exporter's configuration. */
      configuration?: string;
    };
  };
  /** volcano, yunikorn, or the name of a coscheduling scheduler. */
  batchScheduler?: string;
  /** Options for batchScheduler. */
  batchSchedulerOptions?: {
    /** Queue of Volcano or YuniKorn. */
    queue?: string;
    /** PriorityClass of Volcano's PodGroup. */
    priorityClassName?: string;
    /** Resources of Volcano's PodGroup instead of the sum over driver and executors. */
    resources?: Record<string, Quantity>;
  };
  /** Service and Ingress of the driver's web UI. */
  sparkUIOptions?: {
    /** Port of the Service. Default: 4040. */
    servicePort?: number;
    /** Name of that port. Default: spark-driver-ui-port. */
    servicePortName?: string;
    /** Type of the Service. Default: ClusterIP. */
    serviceType?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    /** Annotations of the Service. */
    serviceAnnotations?: Record<string, string>;
    /** Labels of the Service. */
    serviceLabels?: Record<string, string>;
    /** Annotations of the Ingress. */
    ingressAnnotations?: Record<string, string>;
    /** TLS of the Ingress. */
    ingressTLS?: {
      hosts?: string[];
      secretName?: string;
    }[];
  };
  /** Services and Ingresses of other ports of the driver. */
  driverIngressOptions?: {
    /** Port of the driver, and of its Service. */
    servicePort: number;
    /** Name of that port. */
    servicePortName: string;
    /** URL of the Ingress; {{$appName}}, {{$appNamespace}} and {{$appId}} are filled in. */
    ingressURLFormat: string;
    /** Type of the Service. Default: ClusterIP. */
    serviceType?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    /** Annotations of the Service. */
    serviceAnnotations?: Record<string, string>;
    /** Labels of the Service. */
    serviceLabels?: Record<string, string>;
    /** Annotations of the Ingress. */
    ingressAnnotations?: Record<string, string>;
    /** TLS of the Ingress. */
    ingressTLS?: {
      hosts?: string[];
      secretName?: string;
    }[];
  }[];
  /** Protect the driver from voluntary eviction. Default: false. */
  driverPodDisruptionBudget?: boolean;
  /** No effect, as in the operator: use restartPolicy. */
  failureRetries?: number;
  /** No effect, as in the operator: use restartPolicy. */
  retryInterval?: number;
}

/** Fields that the driver and the executors share. */
export interface SparkPodManifest<Quantity = string | number> {
  /** Pod template, merged under everything else. */
  template?: PodTemplate;
  /** Cores. Default: 1, unless sparkConf sets them. */
  cores?: number;
  /** CPU request of the pod. Default: cores. */
  coreRequest?: Quantity;
  /** CPU limit of the pod. Default: none. */
  coreLimit?: Quantity;
  /** Memory limit of the pod instead of its request. */
  memoryLimit?: Quantity;
  /** Memory in addition to the heap; a number alone is MiB. Default: by memoryOverheadFactor. */
  memoryOverhead?: Quantity;
  /** GPUs of the pod. */
  gpu?: {
    /** Resource name, for example nvidia.com/gpu. */
    name: string;
    /** How many. */
    quantity: number;
  };
  /** Container image. Default: spec.image. */
  image?: string;
  /** ConfigMaps to mount, each at its path. */
  configMaps?: {
    name: string;
    path: string;
  }[];
  /** Secrets to mount, each at its path. */
  secrets?: {
    name: string;
    path: string;
    /** The last two also set the environment variable by which their users find them. */
    secretType: 'Generic' | 'GCPServiceAccount' | 'HadoopDelegationToken';
  }[];
  /** Environment variables. */
  env?: EnvVar[];
  /** Environment variables, name to value. @deprecated use env. */
  envVars?: Record<string, string>;
  /** ConfigMaps and Secrets with environment variables. */
  envFrom?: EnvFromSource[];
  /** Environment variables from Secrets. @deprecated use env. */
  envSecretKeyRefs?: Record<
    string,
    {
      name: string;
      key: string;
    }
  >;
  /** Labels of the pod. */
  labels?: Record<string, string>;
  /** Annotations of the pod. */
  annotations?: Record<string, string>;
  /** Where spec.volumes are mounted. */
  volumeMounts?: VolumeMount[];
  /** Affinity of the pod. */
  affinity?: Affinity;
  /** Tolerations of the pod. */
  tolerations?: Toleration[];
  /** Node labels that the pod needs. Excludes spec.nodeSelector. */
  nodeSelector?: Record<string, string>;
  /** Security context of the pod. */
  podSecurityContext?: PodSecurityContext;
  /** Security context of the Spark container. */
  securityContext?: SecurityContext;
  /** Scheduler of the pod. */
  schedulerName?: string;
  /** PriorityClass of the pod. */
  priorityClassName?: string;
  /** Containers in addition to the Spark container. */
  sidecars?: Container[];
  /** Containers that run before it. */
  initContainers?: Container[];
  /** Use the node's network. */
  hostNetwork?: boolean;
  /** Entries of /etc/hosts. */
  hostAliases?: HostAlias[];
  /** DNS settings of the pod. */
  dnsConfig?: PodDnsConfig;
  /** One process namespace for all containers of the pod. */
  shareProcessNamespace?: boolean;
  /** Seconds between SIGTERM and SIGKILL. */
  terminationGracePeriodSeconds?: number;
  /** Service account of the pod. Allowed: at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver". */
  serviceAccount?: string;
  /** Options of the JVM (extraJavaOptions). */
  javaOptions?: string;
  /** Hooks of the Spark container. */
  lifecycle?: Lifecycle;
  /** Ports of the Spark container. */
  ports?: {
    name: string;
    protocol: 'TCP' | 'UDP' | 'SCTP';
    containerPort: number;
  }[];
}

/** The driver. */
export interface SparkDriverManifest<Quantity = string | number> extends SparkPodManifest<Quantity> {
  /** Heap of the driver, at least 512m. Default: 1g, unless sparkConf sets it. Allowed: a whole number with k, m, g or t, for example "512m" or "2g". */
  memory?: string;
  /** Name of the pod. Default: <name>-driver. Allowed: at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver". */
  podName?: string;
  /** URL of the API server for the driver to use. */
  kubernetesMaster?: string;
  /** Annotations of the driver's headless Service. */
  serviceAnnotations?: Record<string, string>;
  /** Labels of the driver's headless Service. */
  serviceLabels?: Record<string, string>;
}

/** The executors. */
export interface SparkExecutorManifest<Quantity = string | number> extends SparkPodManifest<Quantity> {
  /** Heap of an executor, at least 512m, with its unit. Default: 1g, unless sparkConf sets it. */
  memory?: Quantity;
  /** Number of executors. Default: 1, unless sparkConf or dynamic allocation sets it. */
  instances?: number;
  /** Whether executor pods are deleted when they end. Default: true. */
  deleteOnTermination?: boolean;
}
