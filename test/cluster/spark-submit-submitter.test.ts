import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, passes } from '../../lab/eventually.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { SparkSubmitSubmitter } from '../../src/submitters/index.ts';
import { submitterConformance } from '../../src/testing/index.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';

const cluster = useCluster('spark-submit');
let home: string;
let temporary: string;
beforeAll(async () => {
  home = await sparkHome('4.1.4');
  temporary = await mkdtemp(join(tmpdir(), 'spark-submits-'));
  process.env['TMPDIR'] = temporary;
});
afterAll(async () => {
  delete process.env['TMPDIR'];
  expect(await readdir(temporary)).toEqual([]);
  await rm(temporary, { recursive: true });
});

const suite = () =>
  submitterConformance({
    submitter: () => new SparkSubmitSubmitter({ home }),
    kubernetes: cluster.env.kubernetes,
    namespace: cluster.env.namespace,
    patienceMs: 120_000,
  });
const names = submitterConformance({
  submitter: undefined as never,
  kubernetes: undefined as never,
  namespace: '',
}).map(({ name }) => name);

/** What still runs of this file's spark-submits. */
const jvms = (): string[] =>
  execFileSync('ps', ['-eo', 'pid,ppid,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(temporary));

describe('the submitter spark-submit', () => {
  it.each(names)('%s', async (name) => {
    await suite()
      .find((check) => check.name === name)!
      .run();
    // Killed, a process may take its time to end on a busy machine.
    const ended = passes(() => expect(jvms()).toEqual([]));
    await eventually('every spark-submit to end', ended, { timeoutMs: 10_000 });
  });

  it('runs an application, whose driver has the names and properties that the attempt decided', async () => {
    const { env } = cluster;
    const manifest = cluster.pi('whole');
    manifest.metadata.labels = { team: 'a' };
    const application = await env.spark.start(manifest);
    const result = await withWorker(env, () => application.result(), {
      submitter: new SparkSubmitSubmitter({ home }),
    });
    expect(result.state).toBe('COMPLETED');
    const driver = (await cluster.driverOf('whole'))!;
    const volume = driver.spec!.volumes!.find(
      ({ configMap }) => configMap?.name?.endsWith('-driver-conf-map') === true,
    );
    const configMap = await env.kubernetes.get(Resources.configMaps, env.namespace, volume!.configMap!.name!);
    const properties = configMap!.data!['spark.properties']!;
    expect(properties).toContain(`spark.app.id=${driver.metadata!.labels!['spark-app-selector']}\n`);
    expect(properties).toContain('spark.master=k8s\\://https\\://kubernetes.default.svc\n');
    expect(properties).not.toMatch(/127\.0\.0\.1|oauthToken|temporal-spark-submit/);
  });

  it("reports Spark's error for a feature step that it does not find", async () => {
    const { env } = cluster;
    const manifest = cluster.pi('step');
    manifest.spec.sparkConf = { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.NoSuchStep' };
    const application = await env.spark.start(manifest);
    const { result } = await failureOf(
      withWorker(env, () => application.result(), { submitter: new SparkSubmitSubmitter({ home }) }),
    );
    expect(result!.message).toContain('java.lang.ClassNotFoundException: org.example.NoSuchStep');
    expect(await cluster.driverOf('step')).toBeUndefined();
  });
});
