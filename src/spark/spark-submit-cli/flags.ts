/** A flag of spark-submit that takes a value. */
export interface SparkSubmitFlag {
  /** What `--help` calls the value. */
  readonly value: string;
  readonly description: string;
  /** The configuration it is short for, over which it wins. */
  readonly key?: string;
}

/** Every flag of spark-submit that takes one value and has an effect on Kubernetes, by its name without `--`. */
export const sparkSubmitFlags = {
  master: {
    value: 'url',
    description: 'k8s://https://host:port; may be omitted: applications run in the cluster of the workers',
    key: 'spark.master',
  },
  'deploy-mode': {
    value: 'mode',
    description: 'Deploy mode; only cluster is supported (default: cluster)',
    key: 'spark.submit.deployMode',
  },
  class: { value: 'name', description: 'Main class of a Java or Scala application' },
  name: { value: 'name', description: 'Name of the application', key: 'spark.app.name' },
  jars: { value: 'uris', description: 'Jars for the class paths, comma-separated', key: 'spark.jars' },
  packages: { value: 'coordinates', description: 'Maven packages, resolved by the driver', key: 'spark.jars.packages' },
  'exclude-packages': {
    value: 'coordinates',
    description: 'Maven packages to exclude',
    key: 'spark.jars.excludes',
  },
  repositories: { value: 'urls', description: 'Additional Maven repositories', key: 'spark.jars.repositories' },
  'py-files': { value: 'uris', description: 'Python files for the PYTHONPATH', key: 'spark.submit.pyFiles' },
  files: { value: 'uris', description: 'Files for the working directories', key: 'spark.files' },
  archives: { value: 'uris', description: 'Archives for the working directories', key: 'spark.archives' },
  'driver-memory': { value: 'memory', description: 'Heap of the driver (default: 1g)', key: 'spark.driver.memory' },
  'driver-cores': { value: 'number', description: 'Cores of the driver (default: 1)', key: 'spark.driver.cores' },
  'driver-java-options': {
    value: 'options',
    description: "Options of the driver's JVM",
    key: 'spark.driver.extraJavaOptions',
  },
  'driver-library-path': {
    value: 'path',
    description: 'Library path of the driver',
    key: 'spark.driver.extraLibraryPath',
  },
  'driver-class-path': { value: 'path', description: 'Class path of the driver', key: 'spark.driver.extraClassPath' },
  'executor-memory': {
    value: 'memory',
    description: 'Heap of an executor (default: 1g)',
    key: 'spark.executor.memory',
  },
  'executor-cores': { value: 'number', description: 'Cores of an executor (default: 1)', key: 'spark.executor.cores' },
  'num-executors': {
    value: 'number',
    description: 'Number of executors (default: 2)',
    key: 'spark.executor.instances',
  },
  'proxy-user': { value: 'name', description: 'User to impersonate' },
  principal: { value: 'principal', description: 'Kerberos principal', key: 'spark.kerberos.principal' },
  keytab: {
    value: 'uri',
    description: 'Keytab in the image or in a mounted volume (local://)',
    key: 'spark.kerberos.keytab',
  },
} as const satisfies Record<string, SparkSubmitFlag>;

export type SparkSubmitFlagName = keyof typeof sparkSubmitFlags;

/** Flags that spark-submit takes and leaves without effect on Kubernetes; those with a value name it. */
export const ineffectiveFlags = { queue: 'name', 'total-executor-cores': 'number', supervise: undefined } as const;
export type IneffectiveFlagName = keyof typeof ineffectiveFlags;

/** What spark-submit does besides submitting, and what does it here. */
export const otherActions = {
  kill: 'Run: temporal-spark kill <namespace>/<application>',
  status: 'Run: temporal-spark describe <namespace>/<application>',
  remote: 'It is for clients of Spark Connect, which submit nothing: run them where they can reach the server',
} as const;
export type OtherActionName = keyof typeof otherActions;

/** A command line of spark-submit, taken apart. */
export interface SparkSubmitCommandLine {
  readonly flags: Readonly<Partial<Record<SparkSubmitFlagName, string>>>;
  /** Each `--conf`, in the order given. */
  readonly conf: readonly string[];
  readonly propertiesFile?: string;
  /**
   * Read `spark-defaults.conf` of the submitter's configuration directory too. @default false
   */
  readonly loadSparkDefaults?: boolean;
  readonly ineffective: readonly IneffectiveFlagName[];
  readonly otherActions: readonly OtherActionName[];
  /** Jar, Python or R file; absent where the command line ends before it. */
  readonly resource?: string;
  /** What follows the resource, untouched. */
  readonly arguments: readonly string[];
}
