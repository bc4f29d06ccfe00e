import { describe, expect, test } from 'vitest';
import {
  buildDriverObjects,
  RefusalReason,
  SubmissionRefused,
  type SparkSubmission,
} from '../../../src/spark/index.ts';
import { identity, submission, withConf } from './fixtures.ts';

function refusal(refused: SparkSubmission): SubmissionRefused {
  try {
    buildDriverObjects(refused, identity);
  } catch (error) {
    if (error instanceof SubmissionRefused) return error;
    throw error;
  }
  throw new Error('It was not refused');
}

const volume = 'spark.kubernetes.driver.volumes';

describe('what Spark itself refuses', () => {
  test.each<[string, SparkSubmission, string]>([
    ['no main class', (({ mainClass: _none, ...rest }) => rest)(submission), 'mainClass'],
    ['a Python application in a jar', { ...submission, type: 'Python' }, 'mainApplicationFile'],
    [
      "one of Spark's labels",
      withConf({ 'spark.kubernetes.driver.label.spark-role': 'x' }),
      'spark.kubernetes.driver.label.spark-role',
    ],
    [
      "one of Spark's labels on executors",
      withConf({ 'spark.kubernetes.executor.label.spark-exec-id': 'x' }),
      'spark.kubernetes.executor.label.spark-exec-id',
    ],
    ['a bind address', withConf({ 'spark.driver.bindAddress': '0.0.0.0' }), 'spark.driver.bindAddress'],
    ['a port out of range', withConf({ 'spark.ui.port': '70000' }), 'spark.ui.port'],
    ['memory as Kubernetes writes it', withConf({ 'spark.driver.memory': '1Gi' }), 'spark.driver.memory'],
    ['memory that is not a size', withConf({ 'spark.executor.memory': 'much' }), 'spark.executor.memory'],
    ['no memory', withConf({ 'spark.executor.memory': '0g' }), 'spark.executor.memory'],
    ['half a core', withConf({ 'spark.driver.cores': '0.5' }), 'spark.driver.cores'],
    ['no cores', withConf({ 'spark.executor.cores': '0' }), 'spark.executor.cores'],
    ['no executors', withConf({ 'spark.executor.instances': '0' }), 'spark.executor.instances'],
    [
      'a number of executors that is not a number',
      withConf({ 'spark.executor.instances': 'x' }),
      'spark.executor.instances',
    ],
    [
      'a switch that is neither',
      withConf({ 'spark.kubernetes.local.dirs.tmpfs': 'yes' }),
      'spark.kubernetes.local.dirs.tmpfs',
    ],
    [
      'a resource without a vendor',
      withConf({ 'spark.driver.resource.gpu.amount': '1' }),
      'spark.driver.resource.gpu.vendor',
    ],
    [
      'a secret reference of three parts',
      withConf({ 'spark.kubernetes.driver.secretKeyRef.A': 'a:b:c' }),
      'spark.kubernetes.driver.secretKeyRef.A',
    ],
    ['an unknown kind of volume', withConf({ [`${volume}.ceph.a.mount.path`]: '/a' }), `${volume}.ceph.a`],
    [
      'a volume that is mounted nowhere',
      withConf({ [`${volume}.emptyDir.a.options.medium`]: 'Memory' }),
      `${volume}.emptyDir.a.mount.path`,
    ],
    [
      'a claim without a name',
      withConf({ [`${volume}.persistentVolumeClaim.a.mount.path`]: '/a' }),
      `${volume}.persistentVolumeClaim.a.options.claimName`,
    ],
    [
      'a size without its unit',
      withConf({ [`${volume}.emptyDir.a.mount.path`]: '/a', [`${volume}.emptyDir.a.options.sizeLimit`]: '10' }),
      `${volume}.emptyDir.a.options.sizeLimit`,
    ],
    [
      'two volumes in one place',
      withConf({ [`${volume}.emptyDir.a.mount.path`]: '/a', [`${volume}.emptyDir.b.mount.path`]: '/a' }),
      `${volume}.emptyDir.b.mount.path`,
    ],
    [
      'a sub-path and its expression',
      withConf({
        [`${volume}.emptyDir.a.mount.path`]: '/a',
        [`${volume}.emptyDir.a.mount.subPath`]: 'b',
        [`${volume}.emptyDir.a.mount.subPathExpr`]: 'c',
      }),
      `${volume}.emptyDir.a.mount.subPathExpr`,
    ],
    ['a principal without its keytab', withConf({ 'spark.kerberos.principal': 'a@B' }), 'spark.kerberos.keytab'],
    [
      'a token secret without its item',
      withConf({ 'spark.kubernetes.kerberos.tokenSecret.name': 'a' }),
      'spark.kubernetes.kerberos.tokenSecret.itemKey',
    ],
  ])('%s', (_what, refused, key) => {
    expect(refusal(refused)).toMatchObject({
      type: 'SubmissionRefused',
      reason: RefusalReason.InvalidConfiguration,
      key,
    });
  });
});

test('no image is a reason of its own, because a default of the workers may set one', () => {
  const key = 'spark.kubernetes.container.image';
  expect(refusal({ ...submission, conf: {} })).toMatchObject({ reason: RefusalReason.MissingImage, key });
});

test('zero initial executors are for dynamic allocation only', () => {
  const conf = { 'spark.executor.instances': '0', 'spark.dynamicAllocation.enabled': 'true' };
  expect(() => buildDriverObjects(withConf(conf), identity)).not.toThrow();
});

describe('what requires a file of the submitting machine', () => {
  test.each<[string, SparkSubmission]>([
    ['mainApplicationFile', { ...submission, mainApplicationFile: '/opt/app.jar' }],
    ['mainApplicationFile', { ...submission, mainApplicationFile: 'file:///opt/app.jar' }],
    ['spark.jars', withConf({ 'spark.jars': 'local:///a.jar, b.jar' })],
    ['spark.files', withConf({ 'spark.files': 'FILE:/a' })],
    ['spark.archives', withConf({ 'spark.archives': 'env.tar.gz#env' })],
    ['spark.submit.pyFiles', withConf({ 'spark.submit.pyFiles': './a.py' })],
    ['spark.kubernetes.driver.podTemplateFile', withConf({ 'spark.kubernetes.driver.podTemplateFile': 's3a://b/t' })],
    ['spark.kubernetes.executor.podTemplateFile', withConf({ 'spark.kubernetes.executor.podTemplateFile': '/t' })],
    ['spark.kubernetes.kerberos.krb5.path', withConf({ 'spark.kubernetes.kerberos.krb5.path': '/etc/krb5.conf' })],
    ['spark.kerberos.keytab', withConf({ 'spark.kerberos.keytab': '/k', 'spark.kerberos.principal': 'a@B' })],
    [
      'spark.kubernetes.authenticate.driver.caCertFile',
      withConf({ 'spark.kubernetes.authenticate.driver.caCertFile': '/ca' }),
    ],
  ])('%s', (key, refused) => {
    const error = refusal(refused);
    expect(error).toMatchObject({ reason: RefusalReason.RequiresLocalFile, key });
    expect(error.remedy).toContain('spark-submit');
  });
});

test('a custom feature step requires a JVM', () => {
  const key = 'spark.kubernetes.driver.pod.featureSteps';
  const error = refusal(withConf({ [key]: 'org.example.Step' }));
  expect(error).toMatchObject({ reason: RefusalReason.RequiresJvm, key });
  expect(error.message).toContain('"spark-submit"');
});

test.each(['3.3.4', '4.4.0', '5.0.0', '4', 'latest', '41.0'])('Spark %s has no rules', (sparkVersion) => {
  expect(refusal({ ...submission, sparkVersion })).toMatchObject({ reason: RefusalReason.UnsupportedSparkVersion });
});

test.each(['4.1.4', '4.1', '4.2.0-preview5', '4.1-SNAPSHOT'])('Spark %s has rules', (sparkVersion) => {
  expect(buildDriverObjects({ ...submission, sparkVersion }, identity).pod.metadata?.labels?.['spark-version']).toBe(
    sparkVersion,
  );
});

test('a defect of the translation is an error with a type that is not retryable', () => {
  const driverPodTemplate = { spec: { containers: 5 as never } };
  const build = () => buildDriverObjects({ ...submission, driverPodTemplate }, identity);
  expect(build).toThrow(expect.objectContaining({ type: 'TranslationFailed', retryable: false }));
  expect(build).toThrow(/defect of temporal-spark: TypeError.*report it/);
});
