import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sparkHome } from '../../lab/spark-home.ts';
import { cli } from '../support/cli.ts';

const environment = async (version: string) => ({
  SPARK_HOME: await sparkHome(version),
  ...(process.env['JAVA_HOME'] === undefined ? {} : { JAVA_HOME: process.env['JAVA_HOME'] }),
});

it('the native submitter would create what the real spark-submit sends, but for what is intended', async () => {
  const examples = ['pod-template', 'scratch-volumes', 'python'].map((name) => `examples/manifests/${name}.yaml`);
  const { stdout, code } = await cli(['diff', ...examples, '--show-intended'], { env: await environment('4.1.4') });
  expect(stdout).toContain('\n3 applications, spark-submit to native: 3 the same, 0 different, 0 refused\n');
  // It is what Spark sent that is compared, not what the submitter makes of it.
  expect(stdout).toContain('Pod /metadata/finalizers, intended:');
  expect(code).toBe(0);
});

it('the driver learns of packages, for which nothing is fetched where one submits', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'temporal-spark-diff-')), 'packages.yaml');
  // No such package, no such server, no such file: Ivy would fail.
  const deps = '  deps: {packages: [org.example:none:1], repositories: [http://127.0.0.1:1/]}\n';
  const conf = '  sparkConf: {spark.jars.ivy: /opt/ivy, spark.jars.ivySettings: /no/such/file.xml}\n';
  writeFileSync(file, readFileSync('examples/spark-pi.yaml', 'utf8').replace(/^spec:\n/m, `spec:\n${deps}${conf}`));
  const { stdout, code } = await cli(['diff', file], { env: await environment('4.1.4') });
  expect(stdout).toContain('1 application, spark-submit to native: 1 the same, 0 different, 0 refused\n');
  expect(code).toBe(0);
});

it('a difference between two versions of Spark is shown as such', async () => {
  const { stdout, code } = await cli(['diff', 'examples/spark-pi.yaml'], { env: await environment('3.5.9') });
  expect(stdout).toContain('The application needs Spark 4.1.4, spark-submit is of Spark 3.5.9');
  expect(stdout).toContain('1 application, spark-submit to native: 0 the same, 1 different');
  expect(code).toBe(1);
});

it('what only Spark can do, and what Spark refuses, is reported with what refuses it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'temporal-spark-diff-')), 'step.yaml');
  const conf = '  sparkConf:\n    spark.kubernetes.driver.pod.featureSteps: org.example.NoSuchStep\n';
  writeFileSync(file, readFileSync('examples/spark-pi.yaml', 'utf8').replace(/^spec:\n/m, `spec:\n${conf}`));
  const { stdout, code } = await cli(['diff', file], { env: await environment('4.1.4') });
  expect(stdout).toContain('native rejects it: ');
  expect(stdout).toContain('java.lang.ClassNotFoundException: org.example.NoSuchStep');
  expect(code).toBe(1);
});
