import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, sharedLab } from '../lab-fixture.ts';
import { connectEnvironment, DriverRecorder, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { sparkPi } from '../support/manifests.ts';

let env: Environment;
let drivers: DriverRecorder;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'restarts' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  drivers = new DriverRecorder(env.kubernetes, namespace);
  await drivers.ready;
});

afterAll(async () => {
  drivers?.stop();
  await env?.close();
});

describe('restarts', () => {
  it('OnFailure tries N + 1 times, each attempt with a driver and a submission ID of its own, then fails', async () => {
    const manifest = sparkPi({
      name: 'retried',
      namespace: env.namespace,
      annotations: { 'lab.temporal-spark/exit-code': '3' },
    });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    await withWorker(env, async () => {
      const error = await failureOf((await env.spark.start(manifest)).result());
      expect(error.result).toMatchObject({
        state: 'FAILED',
        attempts: 2,
        exitCode: 3,
      });
    });
    expect(new Set(drivers.attemptsOf('retried')).size).toBe(2);
    expect(drivers.attemptsOf('retried')).toHaveLength(2);
  });

  it('Always runs again after success, until it is killed', async () => {
    const manifest = sparkPi({ name: 'endless', namespace: env.namespace });
    manifest.spec.restartPolicy = { type: 'Always' };
    await withWorker(env, async () => {
      const application = await env.spark.start(manifest);
      await eventually('a third attempt', () => drivers.attemptsOf('endless').length >= 3);
      await application.kill();
      const error = await failureOf(application.result());
      expect(error.result!.state).toBe('CANCELLED');
      expect(error.result!.attempts).toBeGreaterThanOrEqual(3);
    });
  });

  it('does not try again what no attempt can mend', async () => {
    const manifest = sparkPi({ name: 'refused', namespace: env.namespace });
    manifest.spec.restartPolicy = { type: 'Always' };
    manifest.spec.mainApplicationFile = 'file:///not/in/the/image.jar';
    await withWorker(env, async () => {
      const error = await failureOf((await env.spark.start(manifest)).result());
      expect(error.result).toMatchObject({
        state: 'FAILED',
        attempts: 1,
        reason: 'SubmissionRefused',
      });
    });
    expect(drivers.attemptsOf('refused')).toHaveLength(0);
  });
});
