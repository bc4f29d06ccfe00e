import { beforeAll, describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import { SparkSubmitJobSubmitter } from '../../src/submitters/index.ts';
import { cli } from '../support/cli.ts';
import { failureOf, separate, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { grantSubmissionJobs } from '../support/submission-job-rights.ts';
import { loadOwnImage, OWN_IMAGE } from './own-image.ts';
import { useRealSpark } from './real-spark.ts';

const spark = useRealSpark();

beforeAll(() => loadOwnImage(spark.lab.directory), 1_800_000);

describe('real Spark on a real kubelet', () => {
  it("computes Pi where Spark's own client submits it in a Job", async () => {
    await grantSubmissionJobs(spark.lab.kubeconfig, 'default');
    const env = separate(spark.env);
    const submitter = new SparkSubmitJobSubmitter({ image: OWN_IMAGE });
    const run = async () => (await env.spark.start(spark.application('pi-job'))).result();
    const result = await withWorker(env, run, { submitter });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'spark-submit-job' });
    expect(await spark.env.kubernetes.logs('default', 'pi-job-driver')).toMatch(/Pi is roughly 3\.1\d+/);
    for await (const page of spark.env.kubernetes.list(Resources.jobs, 'default')) expect(page).toEqual([]);
  });

  it('reports its progress while it runs', async () => {
    const script = [
      'from time import sleep',
      'from pyspark.sql import SparkSession',
      'context = SparkSession.builder.getOrCreate().sparkContext',
      'context.parallelize(range(90), 90).map(lambda n: sleep(1) or n).count()',
    ];
    await spark.env.kubernetes.create(Resources.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'slow', namespace: 'default' },
      data: { 'slow.py': script.join('\n') },
    });
    const manifest = spark.application('slow');
    manifest.spec.type = 'Python';
    delete manifest.spec.mainClass;
    manifest.spec.mainApplicationFile = 'local:///opt/slow/slow.py';
    manifest.spec.driver.configMaps = [{ name: 'slow', path: '/opt/slow' }];
    const running = await spark.env.spark.start(manifest);
    const watched = cli(['describe', running.workflowId, '--watch'], {
      env: { TEMPORAL_ADDRESS: spark.env.temporalAddress },
    });
    const live = await eventually('a task to have ended', async () => {
      const { driver } = await running.describe();
      return (driver?.progress?.tasks.completed ?? 0) > 0 && driver!.progress!;
    });
    expect(live).toMatchObject({ jobs: 1, stages: { running: 1, total: 1 }, tasks: { total: 90, failed: 0 } });
    expect(live.runningStages).toMatchObject([{ name: expect.stringContaining('slow.py:4') as string, total: 90 }]);
    // The workflow itself hears of it later, for its page in the UI.
    const details = await eventually("progress on the workflow's page", async () => {
      const metadata = await spark.env.client.workflow
        .getHandle(running.workflowId)
        .query('__temporal_workflow_metadata');
      const { currentDetails } = metadata as { currentDetails: string };
      return currentDetails.includes('| Progress | `1 job') && currentDetails;
    });
    expect(details).toMatch(/\| Executors \| 1 running \|/);
    expect(details).toMatch(
      /\| Progress \| `1 job, stages 0 of 1, tasks \d+ of 90; stage 0 count at .*slow\.py:4: \d+ of 90/,
    );
    await running.kill();
    await failureOf(running.result());
    const { stdout } = await watched;
    expect(stdout).toMatch(/Progress +1 job, stages 0 of 1, tasks \d+ of 90/);
    expect(stdout).toMatch(/State +CANCELLED[^]*$/);
  });

  it('fails with the exit code of the application and the end of its log', async () => {
    const manifest = spark.application('exits', { mainClass: 'org.apache.spark.examples.ExitWith', args: ['7'] });
    const failure = await failureOf((await spark.env.spark.start(manifest)).result());
    expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 7, reason: 'Error' });
    expect(failure.result!.logTail).toBeDefined();
  });

  it('gives up on an image that cannot be pulled, reports it, and leaves no driver', async () => {
    const manifest = spark.application('no-image', { image: 'temporal-spark/no-such-image:0' });
    manifest.metadata.annotations = { 'temporal-spark/start-problem-deadline': '2s' };
    const started = await spark.env.spark.start(manifest);
    const failure = await failureOf(started.result());
    expect(failure.result!.state).toBe('FAILED');
    expect(failure.result!.reason).toMatch(/ImagePull/);
    expect(failure.message).toContain('no-such-image');
    await eventually('the pod to go', async () => (await spark.driverOf('no-image')) === undefined);
  });
});
