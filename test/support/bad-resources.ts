/**
 * Resources that the CustomResourceDefinition takes and the admission policy refuses, and the words of each;
 * `NAMESPACE` is theirs.
 */
export interface BadResource {
  /** What of the spec differs from a valid one. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly message: string;
}

const memory = 'a whole number with k, m, g or t, for example "512m" or "2g"';
const cpu = 'a CPU quantity, for example "1", "0.5", "1500m"';

export const badResources: readonly BadResource[] = [
  {
    spec: { sparkVersion: '4.1' },
    message: 'spec.sparkVersion: must not be "4.1"; allowed: a full Spark version X.Y.Z, for example "4.1.4"',
  },
  { spec: { mainApplicationFile: '' }, message: 'spec.mainApplicationFile: must not be empty' },
  { spec: { driver: { memory: '1 Gi' } }, message: `spec.driver.memory: must not be "1 Gi"; allowed: ${memory}` },
  { spec: { driver: { memory: '0g' } }, message: `spec.driver.memory: must not be "0g"; allowed: ${memory}` },
  { spec: { executor: { coreRequest: '0' } }, message: `spec.executor.coreRequest: must not be "0"; allowed: ${cpu}` },
  { spec: { executor: { coreLimit: 'two' } }, message: `spec.executor.coreLimit: must not be "two"; allowed: ${cpu}` },
  {
    spec: { driver: { serviceAccount: 'Spark' } },
    message:
      'spec.driver.serviceAccount: must not be "Spark"; allowed: at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver"',
  },
  {
    spec: { driver: { labels: { 'not a key': 'x' } } },
    message:
      'a key of spec.driver.labels: is not valid; allowed: a Kubernetes qualified name, for example "team" or "example.com/team"',
  },
  {
    spec: { executor: { labels: { team: 'not a value' } } },
    message:
      'a value of spec.executor.labels: is not valid; allowed: at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, or empty',
  },
  {
    spec: { driver: { envVars: { '1A': 'x' } } },
    message:
      'a key of spec.driver.envVars: is not valid; allowed: letters, digits, "_", "-" and ".", not beginning with a digit, for example "LOG_LEVEL"',
  },
  {
    spec: { sparkConf: { 'a=b': 'c' } },
    message: 'a key of spec.sparkConf: is not valid; allowed: a key without "=", and without spaces around it',
  },
  {
    spec: { sparkUIOptions: { servicePort: 70_000 } },
    message: 'spec.sparkUIOptions.servicePort: must not be 70000; allowed: at most 65535',
  },
  {
    spec: { restartPolicy: { type: 'OnFailure', onFailureRetryInterval: 40_000_000 } },
    message: 'spec.restartPolicy.onFailureRetryInterval: must not be 40000000; allowed: at most 31536000',
  },
  {
    spec: { mode: 'client' },
    message:
      'spec.mode: would run the driver inside the worker; allowed: "cluster"; remove the field: the driver runs in a pod of its own',
  },
  {
    spec: { nodeSelector: { a: 'b' }, driver: { nodeSelector: { a: 'b' } } },
    message:
      'spec.driver.nodeSelector: node selector cannot be defined at both SparkApplication and Driver/Executor; move spec.nodeSelector into spec.driver.nodeSelector and spec.executor.nodeSelector',
  },
  {
    spec: { dynamicAllocation: { enabled: true, minExecutors: 5, maxExecutors: 2 } },
    message: 'spec.dynamicAllocation.maxExecutors: is less than minExecutors; allowed: at least 5',
  },
  {
    spec: { sparkVersion: '2.4.8', executor: { template: {} } },
    message: 'spec.executor.template: pod template feature requires Spark version 3.0.0 or higher',
  },
  {
    spec: { sparkConf: { 'spark.master': 'local' } },
    message:
      'spec.sparkConf["spark.master"]: sparkConf key "spark.master" is not allowed: this value is managed by the operator; remove the key: the cluster is chosen when the application is started',
  },
  {
    spec: { sparkConf: { 'spark.kubernetes.authenticate.driver.oauthToken': 'x' } },
    message:
      'spec.sparkConf["spark.kubernetes.authenticate.driver.oauthToken"]: sparkConf key "spark.kubernetes.authenticate.driver.oauthToken" is not allowed: authentication credentials are managed by the operator; remove the key: the submission uses the credentials of the worker, and pods use those of their service account',
  },
  {
    spec: { sparkConf: { 'spark.kubernetes.namespace': 'another' } },
    message:
      'spec.sparkConf["spark.kubernetes.namespace"]: sparkConf key "spark.kubernetes.namespace" is not allowed: must equal the application namespace "NAMESPACE", got "another"; remove the key, or set metadata.namespace',
  },
  {
    spec: {},
    name: 'a.b',
    message:
      'metadata.name: must not be "a.b"; allowed: at most 63 lower-case letters, digits and "-", beginning with a letter and not ending in "-", for example "spark-pi"',
  },
];
