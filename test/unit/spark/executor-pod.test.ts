import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import { supportedSparkVersions, type SparkSubmission } from '../../../src/spark/index.ts';
import { identity, sparkContainer, submission, withConf } from './fixtures.ts';

const executorOf = (submitted: SparkSubmission): Pod => inspectDriver(submitted, identity).pods[1]!.pod;

test('the first executor has the name, the container and the labels that Spark gives it', () => {
  const pod = executorOf(
    withConf({
      'spark.executor.cores': '2',
      'spark.executor.memory': '2g',
      'spark.kubernetes.executor.limit.cores': '3',
      'spark.executor.resource.gpu.amount': '1',
      'spark.executor.resource.gpu.vendor': 'nvidia.com',
      'spark.kubernetes.executor.podNamePrefix': 'team',
      'spark.kubernetes.executor.label.app': '{{APP_ID}}',
      'spark.kubernetes.executor.node.selector.zone': 'a',
      'spark.kubernetes.authenticate.driver.serviceAccountName': 'spark',
    }),
  );
  expect(pod.metadata).toMatchObject({
    name: 'team-exec-1',
    labels: { app: identity.sparkApplicationId, 'spark-role': 'executor', 'spark-exec-id': '1' },
  });
  expect(pod.spec).toMatchObject({
    hostname: 'team-exec-1',
    restartPolicy: 'Never',
    nodeSelector: { zone: 'a' },
    serviceAccountName: 'spark',
  });
  expect(sparkContainer(pod)).toMatchObject({
    name: 'spark-kubernetes-executor',
    image: 'spark:test',
    args: ['executor'],
    ports: [{ name: 'blockmanager', containerPort: 7079 }],
    resources: {
      requests: { cpu: '2', memory: '2432Mi' },
      limits: { cpu: '3', memory: '2432Mi', 'nvidia.com/gpu': '1' },
    },
  });
  expect(sparkContainer(pod).volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
    '/opt/spark/conf',
    `/var/data/spark-${identity.submissionId}`,
  ]);
});

test('a template keeps its containers, and the Spark container comes last', () => {
  const executorPodTemplate = {
    metadata: { labels: { team: 'a' } },
    spec: {
      containers: [
        { name: 'spark', workingDir: '/w' },
        { name: 'proxy', image: 'proxy:1' },
      ],
    },
  };
  const conf = { 'spark.kubernetes.executor.podTemplateContainerName': 'spark' };
  const pod = executorOf({ ...withConf(conf), executorPodTemplate });
  expect(pod.spec!.containers.map(({ name }) => name)).toEqual(['proxy', 'spark']);
  expect(sparkContainer(pod).workingDir).toBe('/w');
  expect(pod.metadata?.labels?.['team']).toBe('a');
});

test('decommissioning replaces the hooks of the template', () => {
  const executorPodTemplate = { spec: { containers: [{ name: 'spark', lifecycle: { postStart: {} } }] } };
  const pod = executorOf({ ...withConf({ 'spark.decommission.enabled': 'true' }), executorPodTemplate });
  expect(sparkContainer(pod).lifecycle).toEqual({ preStop: { exec: { command: ['/opt/decom.sh'] } } });
});

describe('with each version of Spark', () => {
  test.each(supportedSparkVersions)('%s has no problem', (version) => {
    for (const conf of [
      {},
      { 'spark.kubernetes.hadoop.configMapName': 'hadoop' },
      { 'spark.app.name': '9 '.repeat(200) },
    ]) {
      const submitted = { ...withConf(conf), sparkVersion: `${version}.0`, appName: conf['spark.app.name'] ?? 'pi' };
      expect(inspectDriver(submitted, identity).pods.flatMap(({ problems }) => problems)).toEqual([]);
    }
  });
});

test.each([
  ['spark.kubernetes.executor.podNamePrefix', 'a'.repeat(238)],
  ['spark.kubernetes.executor.podNamePrefix', 'a..b'],
  ['spark.blockManager.port', '80'],
  ['spark.executor.memoryOverhead', '512Mi'],
  ['spark.executor.resource.gpu.amount', '1'],
])('%s: %s is refused as Spark would refuse it in the driver', (key, value) => {
  expect(() => executorOf(withConf({ [key]: value }))).toThrow(key.replace('.amount', '.vendor'));
});

test('the executors need an image of their own or of the application', () => {
  const conf = { 'spark.kubernetes.driver.container.image': 'spark:driver' };
  expect(() => executorOf({ ...submission, conf })).toThrow('the executors have no image');
});

test('excluded feature steps add nothing', () => {
  const step = 'org.apache.spark.deploy.k8s.features.LocalDirsFeatureStep';
  const pod = executorOf(withConf({ 'spark.kubernetes.executor.pod.excludedFeatureSteps': step }));
  expect(pod.spec!.volumes?.map(({ name }) => name)).toEqual(['spark-conf-volume-exec']);
});
