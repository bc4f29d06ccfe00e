import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SparkApplicationFailedError } from '../../src/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { createNamespace, sharedLab } from '../lab-fixture.ts';
import { connectEnvironment, DriverRecorder, withWorker, type Environment } from '../support/environment.ts';
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

/** Submission IDs of the drivers an application had, one an attempt. */
function attemptsSeen(name: string): (string | undefined)[] {
  return [...drivers.seen.values()]
    .filter(({ metadata }) => metadata?.labels?.[Label.AppName] === name)
    .map(({ metadata }) => metadata?.labels?.[Label.SubmissionId]);
}

describe('restarts', () => {
  it('OnFailure tries N + 1 times, each attempt with a driver and a submission ID of its own, then fails', async () => {
    const manifest = sparkPi({
      name: 'retried',
      namespace: env.namespace,
      annotations: { 'lab.temporal-spark/exit-code': '3' },
    });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    await withWorker(env, async () => {
      const error = await (await env.spark.start(manifest)).result().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SparkApplicationFailedError);
      expect((error as SparkApplicationFailedError).result).toMatchObject({
        state: 'FAILED',
        attempts: 2,
        exitCode: 3,
      });
    });
    expect(new Set(attemptsSeen('retried')).size).toBe(2);
    expect(attemptsSeen('retried')).toHaveLength(2);
  });

  it('Always runs again after success, until it is killed', async () => {
    const manifest = sparkPi({ name: 'endless', namespace: env.namespace });
    manifest.spec.restartPolicy = { type: 'Always' };
    await withWorker(env, async () => {
      const application = await env.spark.start(manifest);
      await eventually('a third attempt', () => attemptsSeen('endless').length >= 3);
      await application.kill();
      const error = await application.result().catch((reason: unknown) => reason);
      expect((error as SparkApplicationFailedError).result!.state).toBe('CANCELLED');
      expect((error as SparkApplicationFailedError).result!.attempts).toBeGreaterThanOrEqual(3);
    });
  });

  it('does not try again what no attempt can mend', async () => {
    const manifest = sparkPi({ name: 'refused', namespace: env.namespace });
    manifest.spec.restartPolicy = { type: 'Always' };
    manifest.spec.mainApplicationFile = 'file:///not/in/the/image.jar';
    await withWorker(env, async () => {
      const error = await (await env.spark.start(manifest)).result().catch((reason: unknown) => reason);
      expect((error as SparkApplicationFailedError).result).toMatchObject({
        state: 'FAILED',
        attempts: 1,
        reason: 'SubmissionRefused',
      });
    });
    expect(attemptsSeen('refused')).toHaveLength(0);
  });
});
