/** SparkConnects that the CustomResourceDefinition takes and the admission policy refuses, and the words of each. */
export interface BadConnect {
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What of the spec differs from a valid one. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const idle = 'temporal-spark/idle-seconds';
const [address, gateway] = ['temporal-spark/address', 'temporal-spark/gateway'];
const [ingressClass, tlsSecret] = ['temporal-spark/ingress-class', 'temporal-spark/tls-secret'];
const [plain, tls] = ['sc://adhoc.example.org:80', 'sc://adhoc.example.org:443/;use_ssl=true'];
const wrongAddress = `metadata.annotations["${address}"]: is not valid; allowed: a host and a port, for example "${tls}"`;

export const badConnects: readonly BadConnect[] = [
  {
    spec: { sparkVersion: '4.1' },
    message: 'spec.sparkVersion: must not be "4.1"; allowed: a full Spark version X.Y.Z, for example "4.1.4"',
  },
  {
    spec: { server: { memory: '1 Gi' } },
    message:
      'spec.server.memory: must not be "1 Gi"; allowed: a whole number with k, m, g or t, for example "512m" or "2g"',
  },
  {
    spec: { server: { service: { metadata: { name: '1st' } } } },
    message:
      'spec.server.service.metadata.name: must not be "1st"; allowed: at most 63 lower-case letters, digits and "-", beginning with a letter and not ending in "-", for example "spark-pi"',
  },
  {
    spec: { sparkVersion: '2.4.8' },
    message: 'spec.server.template: pod template feature requires Spark version 3.0.0 or higher',
  },
  {
    spec: { dynamicAllocation: { enabled: true, minExecutors: 5, maxExecutors: 2 } },
    message: 'spec.dynamicAllocation.maxExecutors: is less than minExecutors; allowed: at least 5',
  },
  {
    spec: { executor: { instances: 0 } },
    message:
      'spec.executor.instances: is 0 without dynamic allocation: no query would run; set at least 1, or dynamicAllocation.enabled: true',
  },
  {
    spec: { sparkConf: { 'spark.connect.grpc.binding.port': '15003' } },
    message:
      'spec.sparkConf["spark.connect.grpc.binding.port"]: must be 15002, the port of the Service; remove the key; spec.server.service can be of another type, such as LoadBalancer',
  },
  {
    spec: { sparkConf: { 'spark.kubernetes.driver.container.image': 'a' } },
    message:
      'spec.sparkConf["spark.kubernetes.driver.container.image"]: sparkConf key "spark.kubernetes.driver.container.image" is not allowed: use the image field on the CRD instead; set the image of its container in spec.server.template',
  },
  {
    spec: { sparkConf: { 'spark.kubernetes.authenticate.driver.serviceAccountName': 'a' } },
    message:
      'spec.sparkConf["spark.kubernetes.authenticate.driver.serviceAccountName"]: sparkConf key "spark.kubernetes.authenticate.driver.serviceAccountName" is not allowed: configure the service account via the CRD spec instead; set spec.server.template.spec.serviceAccountName',
  },
  {
    annotations: { [idle]: '5m' },
    message: `metadata.annotations["${idle}"]: must be a number of seconds; allowed: a whole number from 1 to 99999999, in quotes, for example "1800"`,
  },
  {
    annotations: { [idle]: '60' },
    spec: { sparkConf: { 'spark.ui.enabled': 'False' } },
    message: `spec.sparkConf["spark.ui.enabled"]: excludes the annotation ${idle}: the UI reports the last query; remove one of them`,
  },
  {
    name: 'a'.repeat(60),
    message:
      'metadata.name: has 60 characters, too many for the name of its server ("-server" is appended); allowed: at most 56 characters',
  },
  ...['https://adhoc.example.org', 'sc://adhoc.example.org', 'sc://10.0.0.1:443', `${tls};token=x`].map((value) => ({
    ...{ annotations: { [address]: value }, message: wrongAddress },
  })),
  {
    annotations: { [address]: tls, [gateway]: 'a/b/c' },
    message: `metadata.annotations["${gateway}"]: is not valid; allowed: the name of a Gateway, or its namespace and name, for example "gateways/public"`,
  },
  {
    annotations: { [ingressClass]: 'nginx' },
    message: `metadata.annotations["${ingressClass}"]: has no effect without ${address}; set ${address}, or remove it`,
  },
  {
    annotations: { [address]: tls, [gateway]: 'public', [tlsSecret]: 'adhoc' },
    message: `metadata.annotations["${tlsSecret}"]: excludes ${gateway}: a Gateway has its own; remove one of them`,
  },
  {
    annotations: { [address]: plain, [tlsSecret]: 'adhoc' },
    message: `metadata.annotations["${tlsSecret}"]: needs /;use_ssl=true at the end of ${address}; append it, or remove this annotation`,
  },
];
