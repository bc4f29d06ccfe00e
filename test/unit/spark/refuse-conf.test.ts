import { expect, test } from 'vitest';
import {
  buildDriverObjects,
  findRefusals,
  SubmissionRefused,
  supportedSparkVersions,
} from '../../../src/spark/index.ts';
import { pathText } from '../../../src/validation/problems.ts';
import { application, identity, withConf } from './fixtures.ts';

const JAVA = 'extraJavaOptions';

test.each([
  ['spark.driver.memory', '768', 'becomes -Xmx768'],
  ['spark.driver.memory', '1tb', 'becomes -Xmx1tb'],
  [`spark.driver.${JAVA}`, '-XX:+UseZGC -Xmx2g', 'Not allowed to specify max heap(Xmx) memory settings'],
  ['spark.driver.defaultJavaOptions', '"-Xmx2g"', 'Not allowed to specify max heap(Xmx) memory settings'],
  [`spark.driver.${JAVA}`, `-Dgreeting=it's`, 'Invalid option string'],
  [`spark.driver.${JAVA}`, '-Da="b\\" -Dc=d', 'Invalid option string'],
  ['spark.driver.defaultJavaOptions', '-Dpath=C:\\', 'Invalid option string'],
  [`spark.executor.${JAVA}`, '-Xss4m -Xmx2g', 'is not allowed to specify max heap memory settings'],
  [`spark.executor.${JAVA}`, '-Dspark.task.cpus=2', 'is not allowed to set Spark options'],
  ['spark.jars.packages', 'numpy', 'groupId:artifactId:version'],
  ['spark.jars.packages', 'org.test:lib:1,pandas==2.0', '"pandas==2.0"'],
  ['spark.jars.packages', 'org.test: :1', 'groupId:artifactId:version'],
])('%s: %s is refused with the words of Spark', (key, value, words) => {
  for (const version of supportedSparkVersions) {
    const refused = { ...withConf({ [key]: value }), sparkVersion: `${version}.0` };
    expect(() => buildDriverObjects(refused, identity)).toThrow(SubmissionRefused);
    expect(() => buildDriverObjects(refused, identity)).toThrow(words);
  }
});

test.each([
  ['spark.driver.memory', '768m'],
  [`spark.driver.${JAVA}`, '-Dhint=no-Xmx -Xms1g -Dspark.x=y'],
  [`spark.driver.${JAVA}`, `-Da="it's" -Db='say "x\\' -Dc=\\'`],
  [`spark.executor.${JAVA}`, '-Xss4m'],
  [`spark.executor.${JAVA}`, `-Dgreeting=it's`],
  ['spark.jars.packages', 'org.test:lib_2.13:1.0, org.test/other:1.1'],
])('%s: %s is accepted', (key, value) => {
  expect(() => buildDriverObjects(withConf({ [key]: value }), identity)).not.toThrow();
});

test('exclusions are checked only where there are packages', () => {
  const excludes = { 'spark.jars.excludes': 'org.test:lib:1' };
  expect(() => buildDriverObjects(withConf(excludes), identity)).not.toThrow();
  const packages = { 'spark.jars.packages': 'org.test:lib:1' };
  expect(() => buildDriverObjects(withConf({ ...excludes, ...packages }), identity)).toThrow('groupId:artifactId');
});

test('counts of dynamic allocation that contradict each other are refused with the words of Spark', () => {
  const prefix = 'spark.dynamicAllocation';
  const counts = { [`${prefix}.minExecutors`]: '10', [`${prefix}.maxExecutors`]: '2' };
  const build = (conf: Record<string, string>) => () => buildDriverObjects(withConf(conf), identity);
  const enabled = { [`${prefix}.enabled`]: 'true' };
  expect(build({ ...counts, ...enabled })).toThrow(
    'initial executor number 10 must between min executor number 10 and max executor number 2',
  );
  expect(build({ ...enabled, [`${prefix}.maxExecutors`]: '0' })).toThrow('cannot be 0!');
  expect(build(counts)).not.toThrow();
  expect(build({ ...enabled, [`${prefix}.minExecutors`]: '2' })).not.toThrow();
});

test.each([
  [{ driver: { javaOptions: '-Xmx1g' } }, 'spec.driver.javaOptions'],
  [{ executor: { javaOptions: '-Dspark.a=b' } }, 'spec.executor.javaOptions'],
  [{ deps: { packages: ['numpy'] } }, 'spec.deps.packages'],
  [{ sparkConf: { 'spark.driver.memory': '768' } }, 'spec.sparkConf["spark.driver.memory"]'],
  [
    { sparkConf: { 'spark.executor.pyspark.memory': '1Gi' }, type: 'Python', mainApplicationFile: 'local:///a.py' },
    'spec.sparkConf["spark.executor.pyspark.memory"]',
  ],
])('%j is reported at its field', (spec, path) => {
  expect(findRefusals(application(spec)).map((problem) => pathText(problem.path))).toEqual([path]);
});
