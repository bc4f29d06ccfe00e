import { describe, expect, test } from 'vitest';
import { findRefusals, toSparkSubmission } from '../../../src/spark/index.ts';
import { pathText } from '../../../src/validation/problems.ts';
import { application } from './fixtures.ts';

describe('what Spark ignores is reported', () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    [
      'a property of Hadoop in sparkConf',
      { sparkConf: { 'fs.gs.project.id': 'p' } },
      'spec.sparkConf["fs.gs.project.id"]',
      'move it to hadoopConf',
    ],
    [
      'the prefix in hadoopConf',
      { hadoopConf: { 'spark.hadoop.fs.gs.project.id': 'p' } },
      'spec.hadoopConf["spark.hadoop.fs.gs.project.id"]',
      'write fs.gs.project.id',
    ],
    [
      'a variable in sparkConf',
      { sparkConf: { 'spark.app.user': 'u-$(APP_USER)' } },
      'spec.sparkConf["spark.app.user"]',
      'read the variable APP_USER in the application',
    ],
    [
      'a variable in hadoopConf',
      { hadoopConf: { 'fs.s3a.secret.key': '$(KEY)' } },
      'spec.hadoopConf["fs.s3a.secret.key"]',
      'write ${env.KEY}',
    ],
    [
      'a variable in the Java options of the driver',
      { driver: { javaOptions: '-Dregion=$(REGION)' } },
      'spec.driver.javaOptions',
      'JDK_JAVA_OPTIONS',
    ],
    [
      'a variable in a dependency',
      { deps: { packages: ['org.test:lib:1'], jars: ['s3a://$(BUCKET)/a.jar'] } },
      'spec.deps.jars[0]',
      'write the value of BUCKET',
    ],
    [
      'dynamic allocation that a key seems to turn off',
      { dynamicAllocation: { enabled: true }, sparkConf: { 'spark.dynamicAllocation.enabled': 'false' } },
      'spec.sparkConf["spark.dynamicAllocation.enabled"]',
      'remove spec.dynamicAllocation',
    ],
    [
      'a second volume of one name',
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'a', secret: { secretName: 's' } },
        ],
      },
      'spec.volumes[1].name',
      'give each volume its own name',
    ],
  ])('%s', (_what, spec, path, remedy) => {
    const [problem, ...others] = findRefusals(application(spec));
    expect(others).toEqual([]);
    expect(pathText(problem!.path)).toBe(path);
    expect(problem!.remedy).toContain(remedy);
  });
});

test('a variable is accepted where the kubelet or another reader expands it', () => {
  const sparkConf = {
    'spark.kubernetes.driverEnv.URL': 'http://$(HOST)/',
    'spark.executorEnv.URL': 'http://$(HOST)/',
    'spark.executor.extraJavaOptions': '-Dhost=$(HOST)',
    'spark.kubernetes.driver.volumes.emptyDir.spark-local-dir-1.mount.subPathExpr': '$(SPARK_APPLICATION_ID)',
    'spark.kubernetes.driver.volumes.emptyDir.spark-local-dir-1.mount.path': '/tmp/a',
    'spark.kubernetes.executor.volumes.emptyDir.spark-local-dir-1.mount.path': '/tmp/a',
    'spark.kubernetes.executor.volumes.emptyDir.spark-local-dir-1.mount.subPathExpr': '$(SPARK_EXECUTOR_ID)',
    'spark.kubernetes.driver.annotation.example.com/template': '$(POD)',
    'spark.driver.extraJavaOptions': '-Dcost=$5(net)',
  };
  expect(findRefusals(application({ sparkConf, arguments: ['$(HOST)'] }))).toEqual([]);
});

test('a variable in a label has one problem: that of labels', () => {
  const sparkConf = { 'spark.kubernetes.executor.label.example.com/host': '$(HOST)' };
  const problems = findRefusals(application({ sparkConf }));
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('a valid label')]);
});

test('properties without the prefix of Spark are not in the configuration, as with spark-submit', () => {
  const { conf } = toSparkSubmission(application({ sparkConf: { 'fs.gs.project.id': 'p', 'spark.a': 'b' } }));
  expect(conf).not.toHaveProperty(['fs.gs.project.id']);
  expect(conf['spark.a']).toBe('b');
});
