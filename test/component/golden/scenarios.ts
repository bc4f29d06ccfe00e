import type { SparkSubmission } from '../../../src/spark/index.ts';

/** A submission of any version of Spark that shows one part of the translation. */
export type Scenario = Omit<SparkSubmission, 'sparkVersion'>;

/** Recorded from the real spark-submit; the first patch release named is the one the recordings were made with. */
export const recordedVersions = ['3.4.4', '3.5.9', '4.0.5', '4.1.4', '4.2.1', '4.3.0'] as const;

const java: Scenario = {
  namespace: 'analytics',
  appName: 'spark-pi',
  type: 'Scala',
  mainClass: 'org.example.Pi',
  mainApplicationFile: 'local:///opt/app.jar',
  arguments: [],
  conf: { 'spark.kubernetes.container.image': 'spark:test' },
  driverPodTemplate: {},
};
const { mainClass: _none, ...withoutClass } = java;
const python: Scenario = { ...withoutClass, type: 'Python', mainApplicationFile: 'local:///opt/app.py' };
const r: Scenario = { ...withoutClass, type: 'R', mainApplicationFile: 'local:///opt/app.R' };

const withConf = (conf: Record<string, string>, base: Scenario = java): Scenario => ({
  ...base,
  conf: { ...base.conf, ...conf },
});

const volume = (type: string, name: string, fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [`spark.kubernetes.driver.volumes.${type}.${name}.${field}`, value]),
  );

export const scenarios: Readonly<Record<string, Scenario>> = {
  java,
  python,
  r,
  arguments: { ...java, arguments: ['--input', 's3a://bucket/a b', '', '$(HOME)', 'a=b,c', 'größe', '{"a": 1}'] },
  'no-resource': (({ mainApplicationFile: _gone, ...rest }) => ({ ...rest, mainClass: 'org.example.InImage' }))(java),
  'proxy-user': { ...java, proxyUser: 'alice' },
  'python-files': withConf(
    {
      'spark.submit.pyFiles': 'local:///opt/a.py, local:///opt/b.zip',
      'spark.files': 'local:///opt/data.csv,https://example.org/x.txt',
      'spark.archives': 'https://example.org/env.tar.gz#environment',
      'spark.pyspark.python': '/usr/bin/python3.12',
    },
    python,
  ),
  'python-driver': withConf(
    { 'spark.pyspark.driver.python': '/opt/python', 'spark.pyspark.python': 'python3' },
    python,
  ),
  jars: withConf({ 'spark.jars': 'local:///opt/b.jar,https://example.org/c.jar', 'spark.files': 'local:///opt/f' }),
  'jars-with-app': withConf({ 'spark.jars': 'local:///opt/app.jar' }),

  'memory-factor': withConf({ 'spark.driver.memory': '10g', 'spark.driver.memoryOverheadFactor': '0.15' }),
  'memory-overhead': withConf({
    'spark.driver.memory': '2g',
    'spark.driver.memoryOverhead': '700',
    'spark.driver.minMemoryOverhead': '1g',
  }),
  'memory-minimum': withConf({ 'spark.driver.memory': '2g', 'spark.driver.minMemoryOverhead': '1g' }),
  'memory-python': withConf({ 'spark.driver.memory': '4g' }, python),
  'memory-python-factor': withConf(
    { 'spark.driver.memory': '1000m', 'spark.kubernetes.memoryOverheadFactor': '0.25' },
    python,
  ),
  'memory-whole-factor': withConf({ 'spark.driver.memory': '3g', 'spark.kubernetes.memoryOverheadFactor': '1' }),
  'memory-bytes': withConf({ 'spark.driver.memory': '5000000k', 'spark.driver.memoryOverhead': '1073741825b' }),
  resources: withConf({
    'spark.driver.cores': '3',
    'spark.kubernetes.driver.request.cores': '250m',
    'spark.kubernetes.driver.limit.cores': '1.5',
    'spark.driver.resource.gpu.amount': '2',
    'spark.driver.resource.gpu.vendor': 'nvidia.com',
    'spark.driver.resource.gpu.discoveryScript': '/opt/gpus.sh',
  }),
  cores: withConf({ 'spark.driver.cores': '2', 'spark.executor.cores': '4', 'spark.executor.instances': '3' }),

  labels: withConf({
    'spark.kubernetes.driver.label.team': 'data',
    'spark.kubernetes.driver.label.example.org/run': 'run-{{APP_ID}}',
    'spark.kubernetes.driver.annotation.example.org/id': 'a {{APP_ID}} and {{EXECUTOR_ID}}.',
    'spark.kubernetes.driver.annotation.note': 'hello, world',
    'spark.kubernetes.executor.label.team': 'executors',
  }),
  'name-with-other-characters': { ...java, appName: '9My Very_Long.Application Name: über-All--dots..' },
  'name-too-long': { ...java, appName: `a-long-name-${'with-many-words-'.repeat(5)}end` },
  'driver-pod-name': withConf({ 'spark.kubernetes.driver.pod.name': 'my-driver' }),
  environment: withConf({
    'spark.kubernetes.driverEnv.FOO': 'bar',
    'spark.kubernetes.driverEnv.EMPTY': '',
    'spark.kubernetes.driverEnv.MANY_WORDS': 'a b "c" $(FOO)',
    'spark.executorEnv.FOO': 'executors',
  }),
  image: withConf({
    'spark.kubernetes.driver.container.image': 'registry.example.org/spark:{{SPARK_VERSION}}-x',
    'spark.kubernetes.container.image.pullPolicy': 'Always',
    'spark.kubernetes.container.image.pullSecrets': 'first, second',
  }),
  scheduling: withConf({
    'spark.kubernetes.node.selector.disk': 'ssd',
    'spark.kubernetes.node.selector.zone': 'a',
    'spark.kubernetes.driver.node.selector.zone': 'b',
    'spark.kubernetes.executor.node.selector.zone': 'c',
    'spark.kubernetes.scheduler.name': 'all',
    'spark.kubernetes.driver.scheduler.name': 'drivers',
  }),

  'service-account': withConf({ 'spark.kubernetes.authenticate.driver.serviceAccountName': 'spark' }),
  'oauth-token': withConf({
    'spark.kubernetes.authenticate.driver.oauthToken': 'not-a-real-token',
    'spark.kubernetes.authenticate.driver.serviceAccountName': 'spark',
  }),
  'mounted-credentials': withConf({
    'spark.kubernetes.authenticate.driver.mounted.oauthTokenFile': '/mnt/token',
    'spark.kubernetes.authenticate.driver.mounted.caCertFile': '/mnt/ca.crt',
  }),
  ports: withConf({
    'spark.driver.port': '7000',
    'spark.driver.blockManager.port': '7001',
    'spark.ui.port': '8080',
    'spark.connect.grpc.binding.port': '15500',
  }),
  'block-manager-port': withConf({ 'spark.blockManager.port': '7777' }),
  service: withConf({
    'spark.kubernetes.driver.service.label.tier': 'driver',
    'spark.kubernetes.driver.service.annotation.example.org/a': 'b c',
    'spark.kubernetes.driver.service.ipFamilyPolicy': 'PreferDualStack',
    'spark.kubernetes.driver.service.ipFamilies': 'IPv6,IPv4',
    'spark.kubernetes.driver.service.publishNotReadyAddresses': 'true',
    'spark.kubernetes.driver.label.team': 'data',
  }),
  'driver-host': withConf({ 'spark.driver.host': 'somewhere' }),

  secrets: withConf({
    'spark.kubernetes.driver.secrets.tls': '/etc/tls',
    'spark.kubernetes.driver.secrets.aws': '/etc/aws',
    'spark.kubernetes.driver.secretKeyRef.PASSWORD': 'database:password',
    'spark.kubernetes.driver.secretKeyRef.LOGIN': 'database:login',
  }),
  volumes: withConf({
    ...volume('hostPath', 'host', { 'mount.path': '/host', 'options.path': '/data', 'mount.readOnly': 'true' }),
    ...volume('emptyDir', 'scratch', {
      'mount.path': '/scratch',
      'options.medium': 'Memory',
      'options.sizeLimit': '1Gi',
    }),
    ...volume('nfs', 'share', {
      'mount.path': '/share',
      'options.server': 'nfs.example.org',
      'options.path': '/export',
    }),
    ...volume('persistentVolumeClaim', 'claim', {
      'mount.path': '/claim',
      'mount.subPath': 'part',
      'mount.readOnly': 'true',
      'options.claimName': 'existing',
    }),
  }),
  'volume-empty': withConf(volume('emptyDir', 'scratch', { 'mount.path': '/scratch' })),
  'volume-details': withConf({
    ...volume('hostPath', 'host', { 'mount.path': '/host', 'options.path': '/data', 'options.type': 'Directory' }),
    ...volume('emptyDir', 'scratch', { 'mount.path': '/scratch', 'mount.subPathExpr': '$(POD)' }),
  }),
  'volume-on-demand': withConf(
    volume('persistentVolumeClaim', 'data', {
      'mount.path': '/data',
      'options.claimName': 'OnDemand',
      'options.storageClass': 'fast',
      'options.sizeLimit': '5Gi',
      'label.team': 'data',
      'annotation.example.org/a': 'b',
    }),
  ),
  'volume-on-demand-shared': withConf({
    ...volume('persistentVolumeClaim', 'data', {
      'mount.path': '/data',
      'options.claimName': 'OnDemand',
      'options.storageClass': 'fast',
      'options.sizeLimit': '500Mi',
    }),
    'spark.kubernetes.legacy.useReadWriteOnceAccessMode': 'true',
  }),
  'volume-on-demand-elsewhere': withConf(
    volume('persistentVolumeClaim', 'data', { 'mount.path': '/data', 'options.claimName': 'OnDemand' }),
  ),
  'local-dirs': withConf({ 'spark.local.dir': '/tmp/b,/tmp/a' }),
  'local-dirs-in-memory': withConf({ 'spark.kubernetes.local.dirs.tmpfs': 'true' }),
  'local-dirs-from-volumes': withConf({
    ...volume('emptyDir', 'spark-local-dir-fast', { 'mount.path': '/fast', 'options.sizeLimit': '2Gi' }),
    'spark.local.dir': '/ignored',
  }),

  'hadoop-config-map': withConf({
    'spark.kubernetes.hadoop.configMapName': 'hadoop',
    'spark.hadoop.fs.defaultFS': 'hdfs://n',
  }),
  kerberos: withConf({
    'spark.kubernetes.kerberos.krb5.configMapName': 'krb5',
    'spark.kubernetes.kerberos.tokenSecret.name': 'tokens',
    'spark.kubernetes.kerberos.tokenSecret.itemKey': 'token',
  }),
  keytab: withConf({
    'spark.kerberos.keytab': 'local:///etc/spark.keytab',
    'spark.kerberos.principal': 'spark@EXAMPLE.ORG',
  }),
  'excluded-steps': withConf({
    'spark.kubernetes.driver.pod.excludedFeatureSteps':
      'org.apache.spark.deploy.k8s.features.KerberosConfDriverFeatureStep,org.apache.spark.deploy.k8s.features.NetworkPolicyFeatureStep,org.apache.spark.deploy.k8s.features.LocalDirsFeatureStep',
  }),
  'privilege-escalation': withConf({ 'spark.kubernetes.securityContext.allowPrivilegeEscalation': 'true' }),
  'privilege-escalation-of-driver': withConf({
    'spark.kubernetes.securityContext.allowPrivilegeEscalation': 'false',
    'spark.kubernetes.driver.securityContext.allowPrivilegeEscalation': 'true',
  }),
  properties: withConf({
    'spark.some key': ' leading and trailing ',
    'spark.a:b#c!d\\e': 'a:b=c#d!e\\f',
    'spark.lines': 'one\ntwo\tthree\ffour',
    'spark.unicode': 'größe 漢字 😀',
    'spark.two.spaces': '  x',
    'spark.empty': '',
    'spark.controls': 'a\u0001b',
  }),

  'driver-template': {
    ...withConf({
      'spark.kubernetes.driver.label.team': 'data',
      'spark.kubernetes.node.selector.disk': 'ssd',
      'spark.kubernetes.driverEnv.FOO': 'conf',
    }),
    driverPodTemplate: {
      metadata: {
        name: 'ignored',
        labels: { team: 'template', other: 'kept' },
        annotations: { kept: 'yes' },
        finalizers: ['example.org/keep'],
      },
      spec: {
        restartPolicy: 'Always',
        priorityClassName: 'high',
        schedulerName: 'kept',
        serviceAccountName: 'template',
        terminationGracePeriodSeconds: 77,
        nodeSelector: { disk: 'hdd', zone: 'a' },
        tolerations: [{ key: 'spark', operator: 'Exists' }],
        securityContext: { runAsUser: 185 },
        imagePullSecrets: [{ name: 'template' }],
        initContainers: [{ name: 'init', image: 'busybox', command: ['true'] }],
        volumes: [{ name: 'extra', configMap: { name: 'extra' } }],
        containers: [
          {
            name: 'main',
            image: 'ignored',
            imagePullPolicy: 'Never',
            command: ['/bin/custom'],
            args: ['first'],
            env: [
              { name: 'FOO', value: 'template' },
              { name: 'SPARK_USER', value: 'template' },
            ],
            ports: [{ name: 'metrics', containerPort: 9090 }],
            resources: {
              requests: { cpu: '9', memory: '9Gi', 'ephemeral-storage': '1Gi' },
              limits: { cpu: '9', memory: '9Gi', 'ephemeral-storage': '2Gi' },
            },
            volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
            securityContext: { readOnlyRootFilesystem: true },
            terminationMessagePath: '/dev/other',
          },
          { name: 'sidecar', image: 'sidecar:1' },
        ],
      },
    },
  },
  'driver-template-container': {
    ...withConf({ 'spark.kubernetes.driver.podTemplateContainerName': 'main' }),
    driverPodTemplate: {
      spec: {
        containers: [
          { name: 'sidecar', image: 'sidecar:1' },
          { name: 'main', env: [{ name: 'A', value: 'b' }] },
        ],
      },
    },
  },
  'driver-template-unknown-container': {
    ...withConf({ 'spark.kubernetes.driver.podTemplateContainerName': 'missing' }),
    driverPodTemplate: { spec: { containers: [{ name: 'first' }, { name: 'second', image: 'x' }] } },
  },
  'driver-template-local-dirs': {
    ...java,
    driverPodTemplate: {
      spec: {
        volumes: [
          { name: 'spark-local-dir-a', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'other', emptyDir: {} },
        ],
        containers: [
          {
            name: 'main',
            volumeMounts: [
              { name: 'spark-local-dir-a', mountPath: '/a' },
              { name: 'other', mountPath: '/other' },
            ],
          },
        ],
      },
    },
  },
  'driver-template-privileges': {
    ...java,
    driverPodTemplate: {
      spec: { containers: [{ name: 'main', securityContext: { allowPrivilegeEscalation: true } }] },
    },
  },
  'driver-template-no-container': {
    ...java,
    driverPodTemplate: { metadata: { annotations: { a: 'b' } }, spec: { hostNetwork: true, containers: [] } },
  },
  'executor-template': {
    ...withConf({ 'spark.kubernetes.executor.podTemplateContainerName': 'executor' }),
    executorPodTemplate: {
      metadata: { labels: { team: 'data' } },
      spec: { tolerations: [{ key: 'spot' }], containers: [{ name: 'executor', env: [{ name: 'A', value: 'b' }] }] },
    },
  },
};
