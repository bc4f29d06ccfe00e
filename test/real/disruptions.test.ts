import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';
import type { SparkApplicationStatus } from '../../src/index.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { connectEnvironment, DriverRecorder, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { patient } from './patient.ts';

const SPARK = '4.1.4';

let lab: Lab;
let env: Environment;
let drivers: DriverRecorder;

beforeAll(async () => {
  lab = await startLab({ mode: 'real', sparkVersions: [SPARK] });
  await applySparkRbac(lab.kubeconfig, 'default');
  const { address: temporalAddress } = lab.temporal!;
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress, namespace: 'default' });
  drivers = new DriverRecorder(env.kubernetes, 'default');
  await drivers.ready;
}, 1_800_000);

afterAll(async () => {
  drivers?.stop();
  await env?.close();
  await lab?.stop();
});

/** Real Spark that runs until it is ended. */
function endless(name: string): SparkApplicationManifest {
  const mainClass = 'org.apache.spark.examples.RunUntilKilled';
  return patient(sparkPi({ name, image: lab.sparkImages[SPARK]!, mainClass, args: [] }));
}

function status(name: string, what: string, check: (status: SparkApplicationStatus) => unknown, timeoutMs = 120_000) {
  const look = async () => {
    const { status } = await env.spark.describe({ name });
    return status !== undefined && Boolean(check(status)) && status;
  };
  return eventually(`${name} ${what}`, look, { timeoutMs });
}

describe('a real driver', () => {
  it('that is deleted by force is recorded all the same: its exit code is not lost', async () => {
    await withWorker(env, async () => {
      const application = await env.spark.start(endless('forced'));
      await status('forced', 'runs', ({ state }) => state === 'RUNNING');
      await env.kubernetes.delete(Resources.pods, 'default', 'forced-driver', { gracePeriodSeconds: 0 });
      const { result } = await failureOf(application.result());
      expect(result).toMatchObject({ state: 'FAILED', failureClass: 'infrastructure', attempts: 1 });
      expect([137, 143]).toContain(result!.exitCode);
      const gone = async () => (await env.kubernetes.get(Resources.pods, 'default', 'forced-driver')) === undefined;
      await eventually('the pod to go', gone);
    });
  });

  it('that cannot mount a ConfigMap reports it within seconds, in the words of the kubelet', async () => {
    const manifest = endless('unmounted');
    manifest.spec.driver.configMaps = [{ name: 'no-such-config', path: '/etc/settings' }];
    await withWorker(env, async () => {
      const application = await env.spark.start(manifest);
      const { problem } = await status('unmounted', 'explains itself', ({ problem }) => problem, 40_000);
      expect(problem!.reason).toBe('FailedMount');
      expect(problem!.message).toContain('no-such-config');
      await application.kill();
      expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED' });
    });
  });

  it('outlives a partition: its node agent stops, the driver is UNKNOWN, the agent is back, and it is the same driver', async () => {
    await withWorker(env, async () => {
      const application = await env.spark.start(endless('parted'));
      await status('parted', 'runs', ({ state }) => state === 'RUNNING');
      await lab.components['kubelet']!.kill('SIGKILL');
      // The node controller gives a node some 50 s.
      const { problem } = await status('parted', 'is UNKNOWN', ({ state }) => state === 'UNKNOWN');
      expect(problem!.reason).toBe('NodeNotReady');
      await lab.components['kubelet']!.start();
      await status('parted', 'runs again', ({ state }) => state === 'RUNNING');
      await application.kill();
      const { result } = await failureOf(application.result());
      expect(result).toMatchObject({ state: 'CANCELLED', exitCode: 143, attempts: 1 });
      expect(drivers.attemptsOf('parted')).toHaveLength(1);
    });
  }, 300_000);
});
