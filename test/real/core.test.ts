import { describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { failureOf, separate } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { startWorkerProcess } from '../support/worker-process.ts';
import { useRealSpark } from './real-spark.ts';

const spark = useRealSpark();

describe('real Spark on a real kubelet', () => {
  it('computes Pi in Scala or Java with an executor of its own', async () => {
    const executors = spark.env.kubernetes.watch(
      Resources.pods,
      'default',
      `${Label.SubmissionId},spark-role=executor`,
    );
    const affinities: unknown[] = [];
    executors.subscribe((_, pod) => pod && affinities.push(pod.spec?.affinity?.nodeAffinity));
    const result = await (await spark.env.spark.start(spark.application('pi'))).result();
    expect(result).toMatchObject({ state: 'COMPLETED', exitCode: 0, attempts: 1 });
    expect(await spark.env.kubernetes.logs('default', 'pi-driver')).toMatch(/Pi is roughly 3\.1\d+/);
    expect((await spark.driverOf('pi'))!.metadata!.finalizers).toBeUndefined();
    executors.release();
    // Where executors may run reaches them through Spark itself.
    expect(JSON.stringify(affinities[0])).toContain(
      '{"key":"node-role.kubernetes.io/control-plane","operator":"DoesNotExist"}',
    );
  });

  it('computes Pi in Python', async () => {
    const manifest = spark.application('pi-python');
    manifest.spec.type = 'Python';
    delete manifest.spec.mainClass;
    manifest.spec.mainApplicationFile = 'local:///opt/spark/examples/src/main/python/pi.py';
    // As manifests that are written for the official image have it: its work directory is writable for that group.
    const user = { runAsUser: 185, runAsGroup: 185, runAsNonRoot: true };
    manifest.spec.driver.podSecurityContext = user;
    manifest.spec.executor.podSecurityContext = user;
    const result = await (await spark.env.spark.start(manifest)).result();
    expect(result).toMatchObject({ state: 'COMPLETED', exitCode: 0 });
    expect(await spark.env.kubernetes.logs('default', 'pi-python-driver')).toMatch(/Pi is roughly 3\.1\d+/);
  });

  it('survives the SIGKILL of its worker: one driver, completed, without its finalizer', async () => {
    const env = separate(spark.env);
    const first = await startWorkerProcess(env);
    const running = await env.spark.start(spark.application('survivor', { args: ['200'] }));
    await eventually('the driver to run', async () => (await spark.driverOf('survivor'))?.status?.phase === 'Running');
    await first.end('SIGKILL');
    const second = await startWorkerProcess(env);
    try {
      expect(await running.result()).toMatchObject({ state: 'COMPLETED', attempts: 1, exitCode: 0 });
      expect(spark.drivers.attemptsOf('survivor')).toHaveLength(1);
      expect((await spark.driverOf('survivor'))!.metadata!.finalizers).toBeUndefined();
    } finally {
      await second.end();
    }
  });

  it('keeps a deleted driver until its end is recorded, and reports it', async () => {
    const manifest = spark.application('deleted', { mainClass: 'org.apache.spark.examples.RunUntilKilled', args: [] });
    const started = await spark.env.spark.start(manifest);
    const { metadata } = await spark.runningDriver('deleted');
    expect(metadata!.finalizers).toEqual([DRIVER_FINALIZER]);
    await spark.env.kubernetes.delete(Resources.pods, 'default', 'deleted-driver', { uid: metadata!.uid! });
    const failure = await failureOf(started.result());
    expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 143 });
    await eventually('the pod to go', async () => (await spark.driverOf('deleted')) === undefined);
    expect(spark.drivers.seen.get(metadata!.uid!)!.status!.phase).toBe('Failed');
  });
});
