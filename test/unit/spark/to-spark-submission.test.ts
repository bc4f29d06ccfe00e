import { describe, expect, test } from 'vitest';
import { driverPodName, SubmissionRefused, toSparkSubmission } from '../../../src/spark/index.ts';
import { application, manifest, render, sparkContainer } from './fixtures.ts';

const confOf = (spec: Record<string, unknown>, metadata: Record<string, unknown> = {}) =>
  toSparkSubmission(application(spec, metadata)).conf;

describe('what wins', () => {
  test('a typed field over sparkConf', () => {
    const conf = confOf({
      sparkConf: {
        'spark.driver.memory': '9g',
        'spark.executor.instances': '9',
        'spark.kubernetes.driver.label.team': 'conf',
        'spark.jars': 'local:///conf.jar',
        'spark.hadoop.a': 'conf',
      },
      hadoopConf: { a: 'typed' },
      deps: { jars: ['local:///typed.jar'] },
      driver: { memory: '2g', labels: { team: 'typed' } },
      executor: { instances: 2 },
    });
    expect(conf).toMatchObject({
      'spark.driver.memory': '2g',
      'spark.executor.instances': '2',
      'spark.kubernetes.driver.label.team': 'typed',
      'spark.jars': 'local:///typed.jar',
      'spark.hadoop.a': 'typed',
    });
  });

  test('sparkConf over pull policy, pull secrets and overhead factor, as in the operator', () => {
    const sparkConf = {
      'spark.kubernetes.container.image.pullPolicy': 'Never',
      'spark.kubernetes.container.image.pullSecrets': 'conf',
      'spark.kubernetes.memoryOverheadFactor': '0.9',
    };
    const typed = { imagePullPolicy: 'Always', imagePullSecrets: ['typed'], memoryOverheadFactor: '0.1' };
    expect(confOf({ ...typed, sparkConf })).toMatchObject(sparkConf);
  });

  test("a role's image over the application's", () => {
    const conf = confOf({ image: 'both:1', executor: { image: 'executor:1' } });
    expect(conf['spark.kubernetes.driver.container.image']).toBe('both:1');
    expect(conf['spark.kubernetes.executor.container.image']).toBe('executor:1');
  });

  test("a role's labels over those of metadata", () => {
    const labels = { team: 'a', unit: 'b' };
    const conf = confOf({ driver: { labels: { team: 'driver' } } }, { labels });
    expect(Object.entries(conf).filter(([key]) => key.includes('.label.'))).toEqual([
      ['spark.kubernetes.driver.label.team', 'driver'],
      ['spark.kubernetes.driver.label.unit', 'b'],
      ['spark.kubernetes.executor.label.team', 'a'],
      ['spark.kubernetes.executor.label.unit', 'b'],
    ]);
  });

  test("Kueue's queue is a label of both pods, and executors, which the driver owns, are marked as to be queued", () => {
    const queue = 'kueue.x-k8s.io/queue-name';
    const conf = confOf({ executor: { labels: { [queue]: 'own' } } }, { labels: { [queue]: 'team' } });
    expect(Object.entries(conf).filter(([key]) => key.includes('.label.'))).toEqual([
      [`spark.kubernetes.driver.label.${queue}`, 'team'],
      [`spark.kubernetes.executor.label.${queue}`, 'own'],
      ['spark.kubernetes.executor.label.kueue.x-k8s.io/pod-suspending-parent', 'pod'],
    ]);
  });

  test('env over envVars of the same name', () => {
    const driver = { env: [{ name: 'A', value: 'env' }], envVars: { A: 'envVars', B: 'envVars' } };
    const { pod } = render(application({ driver }));
    const variables = sparkContainer(pod).env!.filter(({ name }) => name === 'A' || name === 'B');
    expect(variables).toEqual([
      { name: 'A', value: 'env' },
      { name: 'B', value: 'envVars' },
    ]);
  });

  test('env over every configuration of a variable, and over the user that Spark sets', () => {
    const env = [
      ...['CONF', 'KEY', 'TYPED_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'].map((name) => ({ name, value: '/etc/env' })),
      { name: 'SPARK_USER', value: 'alice' },
    ];
    const role = (prefix: string, name: string) => ({
      [`${prefix}CONF`]: 'conf',
      [`${prefix}OTHER`]: 'conf',
      [`spark.kubernetes.${name}.secretKeyRef.KEY`]: 'a:b',
    });
    const typed = {
      env,
      envSecretKeyRefs: { TYPED_KEY: { name: 'a', key: 'b' } },
      secrets: [{ name: 'gcp', path: '/gcp', secretType: 'GCPServiceAccount' }],
    };
    const spec = {
      sparkConf: { ...role('spark.kubernetes.driverEnv.', 'driver'), ...role('spark.executorEnv.', 'executor') },
      driver: typed,
      executor: typed,
    };
    const { pod } = render(application(spec));
    const last = new Map(sparkContainer(pod).env!.map((variable) => [variable.name, variable.value]));
    expect(env.map(({ name }) => [name, last.get(name)])).toEqual(env.map(({ name, value }) => [name, value]));
    expect(last.get('OTHER')).toBe('conf');
    const left = Object.keys(confOf(spec)).filter((key) => /Env\.|secretKeyRef/.test(key));
    expect(left).toEqual([
      'spark.kubernetes.driverEnv.OTHER',
      'spark.executorEnv.OTHER',
      'spark.kubernetes.driverEnv.SPARK_USER',
    ]);
  });

  test('the batch scheduler over a scheduler of the role', () => {
    const { pod } = render(application({ batchScheduler: 'volcano', driver: { schedulerName: 'mine' } }));
    expect(pod.spec?.schedulerName).toBe('volcano');
  });
});

test.each([
  [{ driver: { podName: 'typed' }, sparkConf: { 'spark.kubernetes.driver.pod.name': 'conf' } }, 'typed'],
  [{ sparkConf: { 'spark.kubernetes.driver.pod.name': 'conf' } }, 'conf'],
  [{}, 'pi-driver'],
])('the driver pod of %j is called %s', (spec, expected) => {
  expect(driverPodName(application(spec))).toBe(expected);
  expect(driverPodName(manifest(spec) as Parameters<typeof driverPodName>[0])).toBe(expected);
});

describe('a pod template', () => {
  test('grows by what has no configuration, in place', () => {
    const { pod } = render(
      application({
        volumes: [{ name: 'data', emptyDir: {} }],
        driver: {
          template: {
            metadata: { annotations: { kept: 'yes' } },
            spec: {
              tolerations: [{ key: 'template' }],
              affinity: { podAffinity: {} },
              priority: 7,
              containers: [
                { name: 'sidecar', image: 'a' },
                { name: 'spark-kubernetes-driver', env: [{ name: 'A', value: 'template' }] },
              ],
            },
          },
          tolerations: [{ key: 'typed' }],
          affinity: { nodeAffinity: {} },
          priorityClassName: 'high',
          volumeMounts: [
            { name: 'data', mountPath: '/a' },
            { name: 'data', mountPath: '/b', subPath: 'b' },
          ],
          sidecars: [
            { name: 'sidecar', image: 'a' },
            { name: 'sidecar', image: 'b' },
          ],
          gpu: { name: 'nvidia.com/gpu', quantity: 2 },
        },
      }),
    );
    expect(pod.metadata?.annotations).toMatchObject({ kept: 'yes' });
    expect(pod.spec).toMatchObject({
      tolerations: [{ key: 'template' }, { key: 'typed' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'high',
    });
    expect(pod.spec?.affinity).not.toHaveProperty('podAffinity');
    expect(pod.spec).not.toHaveProperty('priority');
    expect(pod.spec?.containers.map(({ name, image }) => [name, image])).toEqual([
      ['sidecar', 'a'],
      ['sidecar', 'b'],
      ['spark-kubernetes-driver', 'spark:test'],
    ]);
    expect(pod.spec?.volumes?.filter(({ name }) => name === 'data')).toHaveLength(1);
    const container = sparkContainer(pod);
    expect(container.volumeMounts?.filter(({ name }) => name === 'data')).toHaveLength(2);
    expect(container.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(container.env?.[0]).toEqual({ name: 'A', value: 'template' });
  });

  test('is not created for executors without settings, so that Spark creates no ConfigMap for it', () => {
    expect(toSparkSubmission(application({ executor: { cores: 2 } }))).not.toHaveProperty('executorPodTemplate');
    expect(toSparkSubmission(application({ executor: { hostNetwork: true } })).executorPodTemplate).toEqual({
      spec: {
        hostNetwork: true,
        dnsPolicy: 'ClusterFirstWithHostNet',
        containers: [{ name: 'spark-kubernetes-executor' }],
      },
    });
  });

  test('takes a volume only where it is mounted, scratch space apart', () => {
    const volumes = [
      { name: 'used', emptyDir: {} },
      { name: 'unused', emptyDir: {} },
      { name: 'spark-local-dir-1', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'spark-local-dir-2', ephemeral: {} },
    ];
    const volumeMounts = ['used', 'spark-local-dir-1', 'spark-local-dir-2'].map((name) => ({
      name,
      mountPath: `/${name}`,
    }));
    const { conf, driverPodTemplate } = toSparkSubmission(application({ volumes, driver: { volumeMounts } }));
    expect(driverPodTemplate.spec?.volumes?.map(({ name }) => name)).toEqual(['used', 'spark-local-dir-2']);
    expect(conf).toMatchObject({
      'spark.kubernetes.driver.volumes.emptyDir.spark-local-dir-1.mount.path': '/spark-local-dir-1',
      'spark.kubernetes.driver.volumes.emptyDir.spark-local-dir-1.options.sizeLimit': '1Gi',
    });
    const { pod } = render(application({ volumes, driver: { volumeMounts } }));
    expect(sparkContainer(pod).env).toContainEqual({
      name: 'SPARK_LOCAL_DIRS',
      value: '/spark-local-dir-2,/spark-local-dir-1',
    });
  });
});

describe('a memory limit', () => {
  const total = (spec: Record<string, unknown>) => sparkContainer(render(application(spec)).pod).resources;

  test('is reached by more overhead', () => {
    expect(total({ driver: { memory: '1g', memoryLimit: '2.5g' } })).toMatchObject({
      requests: { memory: '2560Mi' },
      limits: { memory: '2560Mi' },
    });
    expect(confOf({ executor: { memory: '1g', memoryLimit: '2Gi' } })['spark.executor.memoryOverhead']).toBe('1024m');
  });

  test('below what Spark requests is refused', () => {
    expect(() => total({ driver: { memory: '1g', memoryLimit: '1g' } })).toThrow(SubmissionRefused);
  });
});

test('configuration of files is mounted, and found by its variable', () => {
  const { pod } = render(application({ sparkConfigMap: 'spark', hadoopConfigMap: 'hadoop' }));
  const container = sparkContainer(pod);
  expect(container.env).toContainEqual({ name: 'SPARK_CONF_DIR', value: '/etc/spark/conf' });
  expect(container.env).toContainEqual({ name: 'HADOOP_CONF_DIR', value: '/etc/hadoop/conf' });
  expect(container.volumeMounts).toEqual(
    expect.arrayContaining([
      { name: 'spark-configmap-volume', mountPath: '/etc/spark/conf', readOnly: true },
      { name: 'hadoop-configmap-volume', mountPath: '/etc/hadoop/conf', readOnly: true },
    ]),
  );
});

test('a ConfigMap whose name is not a valid volume name gets one', () => {
  const names = ['a'.repeat(70), 'b.c'].map((name) => {
    const { spec } = toSparkSubmission(
      application({ driver: { configMaps: [{ name, path: '/a' }] } }),
    ).driverPodTemplate;
    return spec!.volumes![0]!.name;
  });
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
  expect(new Set(names).size).toBe(2);
});

test("monitoring adds its Java agent to the role's options, wherever they stand", () => {
  const conf = confOf({
    sparkConf: { 'spark.executor.extraJavaOptions': '-Dconf' },
    driver: { javaOptions: '-Dtyped' },
    monitoring: {
      exposeDriverMetrics: true,
      exposeExecutorMetrics: true,
      prometheus: { jmxExporterJar: '/jmx.jar', port: 9999 },
    },
  });
  expect(conf).toMatchObject({
    'spark.driver.extraJavaOptions': '-Dtyped -javaagent:/jmx.jar=9999:/etc/metrics/conf/prometheus.yaml',
    'spark.executor.extraJavaOptions': '-Dconf -javaagent:/jmx.jar=9999:/etc/metrics/conf/prometheus.yaml',
    'spark.metrics.namespace': 'analytics.pi',
    'spark.metrics.conf': '/etc/metrics/conf/metrics.properties',
    'spark.kubernetes.driver.annotation.prometheus.io/port': '9999',
  });
});
