import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { progressPrinter } from '../../lab/progress.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { SparkSubmitJobSubmitter } from '../../src/submitters/index.ts';
import { cli } from '../support/cli.ts';
import { connectEnvironment, DriverRecorder, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { grantSubmissionJobs } from '../support/submission-job-rights.ts';
import { loadOwnImage, OWN_IMAGE } from './own-image.ts';
import { patient } from './patient.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const SPARK = '4.1.4';

let lab: Lab;
let env: Environment;
let drivers: DriverRecorder;

beforeAll(async () => {
  const begun = Date.now();
  lab = await startLab({ mode: 'real', sparkVersions: [SPARK], onProgress: progressPrinter(console.log) });
  console.log(`Real lab ready in ${((Date.now() - begun) / 1000).toFixed(1)} s: ${lab.directory}`);
  await applySparkRbac(lab.kubeconfig, 'default');
  env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace: 'default',
  });
  drivers = new DriverRecorder(env.kubernetes, 'default');
  await drivers.ready;
  await loadOwnImage(lab);
}, 1_800_000);

afterAll(async () => {
  drivers?.stop();
  await env?.close();
  await lab?.stop();
});

function application(name: string, options: Parameters<typeof sparkPi>[0] = {}): SparkApplicationManifest {
  return patient(sparkPi({ name, image: lab.sparkImages[SPARK]!, ...options }));
}

async function driverOf(name: string): Promise<Pod | undefined> {
  return env.kubernetes.get(Resources.pods, 'default', `${name}-driver`);
}

/** The driver once its log shows that Spark itself runs. */
async function runningDriver(name: string): Promise<Pod> {
  return eventually(`Spark to run in the driver of ${name}`, async () => {
    const pod = await driverOf(name);
    if (pod?.status?.phase !== 'Running') return undefined;
    const log = await env.kubernetes.logs('default', `${name}-driver`, { tailLines: 200 });
    return log.includes('SparkContext') && pod;
  });
}

describe('real Spark on a real kubelet', () => {
  it('computes Pi in Scala or Java with an executor of its own', async () => {
    const executors = env.kubernetes.watch(Resources.pods, 'default', `${Label.SubmissionId},spark-role=executor`);
    const affinities: unknown[] = [];
    executors.subscribe((_, pod) => pod && affinities.push(pod.spec?.affinity?.nodeAffinity));
    await withWorker(env, async () => {
      const result = await (await env.spark.start(application('pi'))).result();
      expect(result).toMatchObject({ state: 'COMPLETED', exitCode: 0, attempts: 1 });
      expect(await env.kubernetes.logs('default', 'pi-driver')).toMatch(/Pi is roughly 3\.1\d+/);
      expect((await driverOf('pi'))!.metadata!.finalizers).toBeUndefined();
    });
    executors.release();
    // Where executors may run reaches them through Spark itself.
    expect(JSON.stringify(affinities[0])).toContain(
      '{"key":"node-role.kubernetes.io/control-plane","operator":"DoesNotExist"}',
    );
  });

  it("computes Pi where Spark's own client submits it in a Job", async () => {
    await grantSubmissionJobs(lab.kubeconfig, 'default');
    const submitter = new SparkSubmitJobSubmitter({ image: OWN_IMAGE });
    await withWorker(env, async () => (await env.spark.start(application('pi-job'))).result(), { submitter }).then(
      (result) => expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'spark-submit-job' }),
    );
    expect(await env.kubernetes.logs('default', 'pi-job-driver')).toMatch(/Pi is roughly 3\.1\d+/);
    for await (const page of env.kubernetes.list(Resources.jobs, 'default')) expect(page).toEqual([]);
  });

  it('computes Pi in Python', async () => {
    const manifest = application('pi-python');
    manifest.spec.type = 'Python';
    delete manifest.spec.mainClass;
    manifest.spec.mainApplicationFile = 'local:///opt/spark/examples/src/main/python/pi.py';
    await withWorker(env, async () => {
      const result = await (await env.spark.start(manifest)).result();
      expect(result).toMatchObject({ state: 'COMPLETED', exitCode: 0 });
      expect(await env.kubernetes.logs('default', 'pi-python-driver')).toMatch(/Pi is roughly 3\.1\d+/);
    });
  });

  it('tells how far it is while it runs', async () => {
    const script = [
      'from time import sleep',
      'from pyspark.sql import SparkSession',
      'context = SparkSession.builder.getOrCreate().sparkContext',
      'context.parallelize(range(90), 90).map(lambda n: sleep(1) or n).count()',
    ];
    await env.kubernetes.create(Resources.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'slow', namespace: 'default' },
      data: { 'slow.py': script.join('\n') },
    });
    const manifest = application('slow');
    manifest.spec.type = 'Python';
    delete manifest.spec.mainClass;
    manifest.spec.mainApplicationFile = 'local:///opt/slow/slow.py';
    manifest.spec.driver.configMaps = [{ name: 'slow', path: '/opt/slow' }];
    await withWorker(env, async () => {
      const running = await env.spark.start(manifest);
      const watched = cli(['describe', running.workflowId, '--watch'], {
        env: { TEMPORAL_ADDRESS: env.temporalAddress },
      });
      const live = await eventually('a task to have ended', async () => {
        const { driver } = await running.describe();
        return (driver?.progress?.tasks.completed ?? 0) > 0 && driver!.progress!;
      });
      expect(live).toMatchObject({ jobs: 1, stages: { running: 1, total: 1 }, tasks: { total: 90, failed: 0 } });
      expect(live.runningStages).toMatchObject([{ name: expect.stringContaining('slow.py:4') as string, total: 90 }]);
      // The workflow itself hears of it later, for its page in the UI.
      const details = await eventually("progress on the workflow's page", async () => {
        const metadata = await env.client.workflow.getHandle(running.workflowId).query('__temporal_workflow_metadata');
        const { currentDetails } = metadata as { currentDetails: string };
        return currentDetails.includes('| Progress | 1 job') && currentDetails;
      });
      expect(details).toMatch(/\| Executors \| 1 running \|/);
      expect(details).toMatch(
        /\| Progress \| 1 job, stages 0 of 1, tasks \d+ of 90; stage 0 count at .*slow\.py:4: \d+ of 90/,
      );
      await running.kill();
      await failureOf(running.result());
      const { stdout } = await watched;
      expect(stdout).toMatch(/Progress +1 job, stages 0 of 1, tasks \d+ of 90/);
      expect(stdout).toMatch(/State +CANCELLED[^]*$/);
    });
  });

  it('survives the SIGKILL of its worker: one driver, completed, let go', async () => {
    const first = await startWorkerProcess(env);
    const running = await env.spark.start(application('survivor', { args: ['200'] }));
    await eventually('the driver to run', async () => (await driverOf('survivor'))?.status?.phase === 'Running');
    await first.end('SIGKILL');
    const second = await startWorkerProcess(env);
    try {
      expect(await running.result()).toMatchObject({ state: 'COMPLETED', attempts: 1, exitCode: 0 });
      expect(drivers.attemptsOf('survivor')).toHaveLength(1);
      expect((await driverOf('survivor'))!.metadata!.finalizers).toBeUndefined();
    } finally {
      await second.end();
    }
  });

  it('keeps a deleted driver until its end is recorded, and reports it', async () => {
    const manifest = application('deleted', { mainClass: 'org.apache.spark.examples.RunUntilKilled', args: [] });
    await withWorker(env, async () => {
      const started = await env.spark.start(manifest);
      const { metadata } = await runningDriver('deleted');
      expect(metadata!.finalizers).toEqual([DRIVER_FINALIZER]);
      await env.kubernetes.delete(Resources.pods, 'default', 'deleted-driver', { uid: metadata!.uid! });
      const failure = await failureOf(started.result());
      expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 143 });
      await eventually('the pod to go', async () => (await driverOf('deleted')) === undefined);
      expect(drivers.seen.get(metadata!.uid!)!.status!.phase).toBe('Failed');
    });
  });

  it('fails with the exit code of the application and the end of its log', async () => {
    const manifest = application('exits', { mainClass: 'org.apache.spark.examples.ExitWith', args: ['7'] });
    await withWorker(env, async () => {
      const failure = await failureOf((await env.spark.start(manifest)).result());
      expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 7, reason: 'Error' });
      expect(failure.result!.logTail).toBeDefined();
    });
  });

  it('gives up on an image that cannot be pulled, says so, and leaves no driver behind', async () => {
    const manifest = application('no-image', { image: 'temporal-spark/no-such-image:0' });
    manifest.metadata.annotations = { 'temporal-spark/start-problem-deadline': '2s' };
    await withWorker(env, async () => {
      const started = await env.spark.start(manifest);
      const failure = await failureOf(started.result());
      expect(failure.result!.state).toBe('FAILED');
      expect(failure.result!.reason).toMatch(/ImagePull/);
      expect(failure.message).toContain('no-such-image');
      await eventually('the pod to go', async () => (await driverOf('no-image')) === undefined);
    });
  });
});
