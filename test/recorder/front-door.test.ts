import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { sparkHome } from '../../lab/spark-home.ts';
import { normalise, unintendedDifferences } from '../../src/submitters/compare/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { toSparkSubmission } from '../../src/spark/index.ts';
import { build } from '../component/golden/build.ts';
import { intendedDifferences, intendedOfTheFrontDoor } from '../component/golden/intended-differences.ts';
import { startRecordingStub } from '../component/golden/recording-stub.ts';
import { applicationOf } from '../support/front-door.ts';

const properties = String.raw`# every way to write a property
spark.app.name=from-file
spark.driver.memory 4g
spark.executor.cores : 3
spark.executor.instances=7
spark.files=local:///file
spark.jars=local:///file.jar
spark.kubernetes.container.image=spark:test
spark.kubernetes.namespace=analytics
spark.custom.escaped = a\u00e9 b\=c\\  
spark.custom.long=one\
    two
spark.custom.lines=x\ny\n
spark.custom.both=file
not.spark=1
`;
const defaults = 'spark.custom.both defaults\nspark.custom.default yes\n';

const flags = (master: string, propertiesFile: string) => [
  ...['--master', master, '--deploy-mode=cluster', '--class', 'org.example.Main', '--properties-file', propertiesFile],
  ...['--conf', 'spark.driver.memory=3g', '--driver-memory', '2g', '--driver-cores', '2'],
  ...['--executor-memory', '900m', '--executor-cores', '2', '--num-executors', '5'],
  ...['--jars', 'local:///flag.jar,local:///flag2.jar', '--conf', 'spark.jars=local:///conf.jar'],
  ...['--conf', 'spark.files=local:///conf', '--py-files', 'local:///a.py', '--archives', 'local:///z.zip#z'],
  ...['--driver-java-options', '-Da=b -Dc=d', '--driver-class-path', '/cp', '--driver-library-path', '/lib'],
  ...['--queue', 'q', '--total-executor-cores', '44', '--supervise', '--proxy-user', 'alice'],
  ...['-c', 'spark.custom.last=x=y', '--conf', 'spark.custom.last=z=', '--conf', 'other.key=1'],
  ...['--conf', 'spark.kubernetes.submission.waitAppCompletion=false'],
];
const application = ['local:///opt/my.jar', '--name', 'of the application', '-v', '--', '--dry-run'];

it.each([
  { version: '3.5.9', extra: [] },
  { version: '4.1.4', extra: ['--load-spark-defaults'] },
])('spark-submit $version means the same by each flag, and the same wins', async ({ version, extra }) => {
  const home = await sparkHome(version);
  const directory = mkdtempSync(join(tmpdir(), 'front-door-'));
  const file = join(directory, 'app.properties');
  writeFileSync(file, properties);
  mkdirSync(join(directory, 'conf'));
  writeFileSync(join(directory, 'conf', 'spark-defaults.conf'), defaults);
  await using stub = await startRecordingStub();
  const args = [...flags(`k8s://${stub.url}`, file), ...extra, ...application];

  await execa(join(home, 'bin', 'spark-submit'), args, {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      ...(process.env['JAVA_HOME'] !== undefined && { JAVA_HOME: process.env['JAVA_HOME'] }),
      HOME: directory,
      SPARK_HOME: home,
      SPARK_CONF_DIR: join(directory, 'conf'),
      SPARK_LOCAL_IP: '127.0.0.1',
      KUBECONFIG: '/dev/null',
    },
    extendEnv: false,
  });
  const objects = stub.take();
  const pod = objects.find(({ kind }) => kind === 'Pod') as Pod;
  const others = objects.filter((object) => object !== pod);
  const spark = normalise(pod, others, pod.metadata!.name!.replace(/-driver$/, ''));

  const ours = build(toSparkSubmission(applicationOf(args, { sparkVersion: version, defaults })));
  expect(unintendedDifferences(spark, ours, [...intendedDifferences, ...intendedOfTheFrontDoor])).toEqual([]);
});
