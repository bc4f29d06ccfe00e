import { describe, expect, it } from 'vitest';
import { findRefusals } from '../../../src/spark/index.ts';
import { isTried, writtenRemedies } from '../../support/written-remedies.ts';
import { application } from './fixtures.ts';
import { conf, tried, type Case, type Spec } from './remedy-case.ts';
import { casesOfSettings } from './settings/remedies.ts';

/** The same of a field that is missing. */
function without(remedy: string, field: 'mainClass' | 'image', right: Spec): Case {
  const wrong = application();
  delete wrong.spec[field];
  return [remedy, wrong, application(right)];
}

const VOLUME = 'spark.kubernetes.driver.volumes.emptyDir.a';
const mount = { [`${VOLUME}.mount.path`]: '/a' };
const DYNAMIC = 'spark.dynamicAllocation';
const featureSteps = { sparkConf: { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.Step' } };
const isDynamic = { [`${DYNAMIC}.enabled`]: 'true' };
const packages = { 'spark.jars.packages': 'org.test:lib:1' };
const ports = (...given: object[]): Spec => ({ template: { spec: { containers: [{ name: 'a', ports: given }] } } });

/** For each remedy: an application that gets it, and the same with the remedy applied. */
const cases: readonly Case[] = [
  conf('give a size, for example 1g', 'spark.executor.memory', '0g', '1g'),
  conf('give a whole number of at least 1', 'spark.executor.cores', '0', '1'),
  conf('write 768m', 'spark.driver.memory', '768', '768m'),
  conf('give a whole number with k, m, g or t, for example 512m', 'spark.driver.memory', '5b', '512m'),
  conf('write 2g', 'spark.executor.memoryOverhead', '2Gi', '2g'),
  conf('write 512m', 'spark.driver.memoryOverhead', '512Mi', '512m'),
  conf(
    'give a whole number with a unit of b, k, m, g, t or p, for example 512m',
    'spark.driver.memoryOverhead',
    'much',
    '512m',
  ),
  conf('give a number of at least 0, for example 0.4', 'spark.executor.memoryOverheadFactor', 'x', '0.4'),
  tried(
    "close the quote, or write \\' for the character itself",
    { driver: { javaOptions: "-Da=it's" } },
    { driver: { javaOptions: "-Da=it\\'s" } },
  ),
  tried(
    'remove -Xmx and set spec.driver.memory',
    { driver: { javaOptions: '-Xmx1g' } },
    { driver: { memory: '1g', javaOptions: '-Xss1m' } },
  ),
  tried(
    'remove -Xmx and set spec.executor.memory',
    { executor: { javaOptions: '-Xmx1g' } },
    { executor: { memory: '1g' } },
  ),
  tried(
    'remove -Dspark… and set the property in spec.sparkConf',
    { executor: { javaOptions: '-Dspark.a=b' } },
    { sparkConf: { 'spark.a': 'b' } },
  ),
  tried(
    'give Maven coordinates, for example io.delta:delta-spark_2.12:3.2.0; Python packages belong in the image',
    { deps: { packages: ['numpy'] } },
    { deps: { packages: ['io.delta:delta-spark_2.12:3.2.0'] } },
  ),
  conf('give groupId:artifactId, without a version', 'spark.jars.excludes', 'a:b:1', 'a:b', packages),
  ...casesOfSettings,
  conf('give true or false', `${VOLUME}.mount.readOnly`, 'maybe', 'true', mount),
  conf('write true', 'spark.eventLog.enabled', 'yes', 'true'),
  conf('write 5min', 'spark.network.timeout', '5 min', '5min'),
  conf('write 1g', 'spark.kryoserializer.buffer.max', '1Gi', '1g'),
  conf('give a whole number', 'spark.task.cpus', '0.5', '1'),
  conf(
    'give spark.executor.heartbeatInterval less than spark.network.timeout, for example a tenth of it',
    'spark.executor.heartbeatInterval',
    '120s',
    '12s',
  ),
  conf(
    'give spark.network.timeoutInterval, by default 60s, at most the value of spark.network.timeout',
    'spark.network.timeoutInterval',
    '60s',
    '30s',
    { 'spark.network.timeout': '30s' },
  ),
  conf('give a number from 0 to 1, for example 0.6', 'spark.memory.fraction', '60', '0.6'),
  tried(
    'give at most 1, or set spec.executor.cores to 2',
    { sparkConf: { 'spark.task.cpus': '2' } },
    { sparkConf: { 'spark.task.cpus': '2' }, executor: { cores: 2 } },
  ),
  conf('set spark.authenticate to true', 'spark.authenticate', 'false', 'true', {
    'spark.network.crypto.enabled': 'true',
  }),
  conf('give at most 2047m', 'spark.kryoserializer.buffer.max', '2g', '2047m'),
  conf('give at least 1s', `${DYNAMIC}.schedulerBacklogTimeout`, '0', '1s', isDynamic),
  conf('give a number above 0 and at most 1', `${DYNAMIC}.executorAllocationRatio`, '1.5', '1', isDynamic),
  conf('give a whole number of at least 1', 'spark.kubernetes.allocation.batch.size', '0', '1'),
  conf('give at least 0', `${DYNAMIC}.minExecutors`, '-1', '0', isDynamic),
  conf('give at least 1', `${DYNAMIC}.maxExecutors`, '0', '1', isDynamic),
  conf('give at least 10, or lower spark.dynamicAllocation.minExecutors', `${DYNAMIC}.maxExecutors`, '2', '10', {
    ...isDynamic,
    [`${DYNAMIC}.minExecutors`]: '10',
  }),
  tried(
    'remove it: shuffle tracking is on by default',
    { dynamicAllocation: { enabled: true, shuffleTrackingEnabled: false } },
    { dynamicAllocation: { enabled: true } },
  ),
  conf('give a number from 1 to 65535', 'spark.driver.port', '0', '7078'),
  conf('give 0 or a number from 1024 to 65535', 'spark.blockManager.port', '80', '0'),
  conf('leave it out', 'spark.driver.bindAddress', '0.0.0.0'),
  conf('choose another name', 'spark.kubernetes.driver.label.spark-role', 'a'),
  conf('use lower-case letters, digits and "-"', 'spark.kubernetes.executor.podNamePrefix', 'A_', 'a'),
  conf('give SECRET:KEY', 'spark.kubernetes.driver.secretKeyRef.A', 'x', 'x:y'),
  conf('give one of the two', `${VOLUME}.mount.subPathExpr`, 'b', undefined, {
    ...mount,
    [`${VOLUME}.mount.subPath`]: 'a',
  }),
  conf('add the unit, for example Gi', `${VOLUME}.options.sizeLimit`, '100', '100Gi', mount),
  tried(
    'a volume of type emptyDir needs it',
    { sparkConf: { [`${VOLUME}.mount.readOnly`]: 'true' } },
    { sparkConf: { [`${VOLUME}.mount.readOnly`]: 'true', ...mount } },
  ),
  [
    'use the submitter "spark-submit" or "spark-submit-job", which run Spark\'s own client',
    application(featureSteps),
    application(featureSteps, { annotations: { 'temporal-spark/submitter': 'spark-submit' } }),
  ],
  conf('choose another path', 'spark.kubernetes.driver.volumes.emptyDir.b.mount.path', '/a', '/b', mount),
  tried(
    'use hostPath, persistentVolumeClaim, emptyDir or nfs here, or any other in a pod template',
    { sparkConf: { 'spark.kubernetes.driver.volumes.cephfs.a.mount.path': '/a' } },
    { sparkConf: mount },
  ),
  ...(['driver', 'executor'] as const).map((role) =>
    tried(
      'name the vendor of gpu, for example nvidia.com',
      { sparkConf: { [`spark.${role}.resource.gpu.amount`]: '1' } },
      {
        sparkConf: { [`spark.${role}.resource.gpu.amount`]: '1', [`spark.${role}.resource.gpu.vendor`]: 'nvidia.com' },
      },
    ),
  ),
  tried(
    'give both or neither',
    { sparkConf: { 'spark.kerberos.principal': 'a@B' } },
    { sparkConf: { 'spark.kerberos.principal': 'a@B', 'spark.kerberos.keytab': 'local:///a.keytab' } },
  ),
  tried(
    'raise it, or lower spec.driver.memory or memoryOverhead',
    { driver: { memoryLimit: '512m' } },
    { driver: { memoryLimit: '2g' } },
  ),
  tried(
    'write it as 1.5 or 1500m',
    { batchScheduler: 'volcano', driver: { coreRequest: '1e0' } },
    { batchScheduler: 'volcano', driver: { coreRequest: '1500m' } },
  ),
  tried('name a file that ends in .py, or correct the type', { type: 'Python' }, { type: 'Scala' }),
  without('name the class whose main method is to run', 'mainClass', {}),
  tried('use an image with one of these', { sparkVersion: '2.4.8' }, { sparkVersion: '4.1.4' }),
  without(
    'set spec.image, spec.driver.image or this key, or have a default of the workers set it (docs/defaults.md)',
    'image',
    { driver: { image: 'a' }, executor: { image: 'a' } },
  ),
  tried(
    'name a file of the image (local:///…) or one that the driver can fetch (https://, s3a://, hdfs://, …), or upload ' +
      "it first: with Spark's own spark-submit, or by hand",
    { deps: { jars: ['/a.jar'] } },
    { deps: { jars: ['local:///a.jar'] } },
  ),
  tried(
    "move it to hadoopConf if it is Hadoop's, or write spark.fs.a if it is the application's own",
    { sparkConf: { 'fs.a': 'b' } },
    { hadoopConf: { 'fs.a': 'b' }, sparkConf: { 'spark.fs.a': 'b' } },
  ),
  tried('write fs.a', { hadoopConf: { 'spark.hadoop.fs.a': 'b' } }, { hadoopConf: { 'fs.a': 'b' } }),
  tried('write ${env.A}', { hadoopConf: { 'fs.a': '$(A)' } }, { hadoopConf: { 'fs.a': '${env.A}' } }),
  conf(
    'read the variable A in the application, or write ${env:A}, which Spark expands in its own keys',
    'spark.a',
    '$(A)',
    '${env:A}',
  ),
  tried(
    'set the option by the variable JDK_JAVA_OPTIONS of driver.env, which Kubernetes expands',
    { driver: { javaOptions: '-Da=$(A)' } },
    { driver: { env: [{ name: 'JDK_JAVA_OPTIONS', value: '-Da=$(A)' }] } },
  ),
  tried(
    'write the value of A in its place',
    { deps: { jars: ['local:///$(A).jar'] } },
    { deps: { jars: ['local:///a.jar'] } },
  ),
  tried(
    'remove it, or remove spec.dynamicAllocation',
    { dynamicAllocation: { enabled: true }, sparkConf: { [`${DYNAMIC}.enabled`]: 'false' } },
    { sparkConf: { [`${DYNAMIC}.enabled`]: 'false' } },
  ),
  tried(
    'give each volume its own name',
    { volumes: [{ name: 'a' }, { name: 'a' }].map((volume) => ({ ...volume, emptyDir: {} })) },
    { volumes: [{ name: 'a' }, { name: 'b' }].map((volume) => ({ ...volume, emptyDir: {} })) },
  ),
  tried('put large parts in files of the image or in a volume', {
    executor: { template: { metadata: { annotations: { a: 'x'.repeat(1_100_000) } } } },
  }),
  tried(
    'declare it in spec.volumes, which has: none',
    { driver: { volumeMounts: [{ name: 'a', mountPath: '/a' }] } },
    { driver: { volumeMounts: [{ name: 'a', mountPath: '/a' }] }, volumes: [{ name: 'a', emptyDir: {} }] },
  ),
  tried(
    'raise spec.executor.coreLimit, or set spec.executor.coreRequest below it',
    { executor: { coreRequest: '2', coreLimit: '1' } },
    { executor: { coreRequest: '1', coreLimit: '1' } },
  ),
  tried(
    'choose another name: a is used by another port of the container',
    { driver: ports({ name: 'a', containerPort: 1 }, { name: 'a', containerPort: 2 }) },
    { driver: ports({ name: 'a', containerPort: 1 }, { name: 'b', containerPort: 2 }) },
  ),
  tried(
    'choose another hostPort, or remove it: another port of the pod has the same port of its host',
    { driver: ports({ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 80 }) },
    { driver: ports({ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 81 }) },
  ),
  tried(
    'write an octal number with a leading 0: 0644',
    { volumes: [{ name: 'a', secret: { secretName: 's', defaultMode: 644 } }], driver: mountOfA() },
    { volumes: [{ name: 'a', secret: { secretName: 's', defaultMode: 0o644 } }], driver: mountOfA() },
  ),
];

function mountOfA(): Spec {
  return { volumeMounts: [{ name: 'a', mountPath: '/a' }] };
}

describe('an application is valid once its remedy is applied:', () => {
  it.each(cases)('%s', (remedy, wrong, right) => {
    expect(findRefusals(wrong).map((problem) => problem.remedy)).toContain(remedy);
    expect(findRefusals(right)).toEqual([]);
  });
});

/** What no manifest leads to, because its rules or the command line are before. */
const unreachable = [
  /^Put the template in/,
  /^Mount a secret/,
  /^Put krb5\.conf in a ConfigMap/,
  /^Correct the application or its pod template/,
  /^Remedy: /,
];

it('every remedy that the translation and the rules of pods have is tried', () => {
  const written = [...writtenRemedies('spark'), ...writtenRemedies('pod-rules')];
  expect(written.length).toBeGreaterThan(50);
  const remedies = cases.map(([remedy]) => remedy);
  const left = written.filter((text) => !isTried(text, remedies) && !unreachable.some((pattern) => pattern.test(text)));
  expect(left).toEqual([]);
});
