import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { ApplicationRequestError, SparkClient } from '../../src/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { failureOf } from '../support/environment.ts';
import { sparkPi } from '../support/manifests.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('applications', { worker: {} });

function pi(name: string): SparkApplicationManifest {
  return sparkPi({ name, namespace: temporal.env.namespace });
}

describe('an application that calls Kubernetes', () => {
  it('fails at once in this suite, with the name of the call', async () => {
    const { result } = await failureOf((await temporal.env.spark.start(pi('misplaced'))).result());
    expect(result).toMatchObject({ state: 'FAILED', reason: 'KubernetesNotExpected', attempts: 1 });
    expect(result!.message).toContain('unexpected Kubernetes call "watch"');
  });
});

describe('kill', () => {
  it('takes a suspended application, and one that was never submitted', async () => {
    const { spark, namespace } = temporal.env;
    const manifest = pi('never');
    manifest.spec.suspend = true;
    for (const request of [{ reason: 'not needed' }, undefined]) {
      const application = await spark.start(manifest);
      await eventually('it to be SUSPENDED', async () => {
        return (await spark.describe({ namespace, name: 'never' })).status?.state === 'SUSPENDED';
      });
      await application.kill(request);
      expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED', attempts: 0 });
    }
  });
});

describe('a request that is not possible now', () => {
  async function refusal(request: Promise<unknown>): Promise<ApplicationRequestError> {
    const error = await request.catch((reason: unknown) => reason);
    if (error instanceof ApplicationRequestError) return error;
    throw new Error('The request was expected to be refused', { cause: error });
  }

  it('is refused for an application that does not exist', async () => {
    const { spark, namespace } = temporal.env;
    const error = await refusal(spark.suspend({ namespace, name: 'nobody' }));
    expect(error).toMatchObject({ type: 'NotFound', workflowId: `spark/${namespace}/nobody` });
  });

  it('reports that no worker is running', async () => {
    const { client } = temporal.env;
    const nobody = new SparkClient(client, { taskQueue: 'nobody-polls-this', answerTimeoutMs: 1_000 });
    const application = await nobody.start(pi('unattended'));
    const error = await refusal(application.suspend());
    expect(error).toMatchObject({ type: 'NoAnswer' });
    expect(error.message).toContain('temporal-spark worker');
    await client.workflow.getHandle(application.workflowId).terminate();
  });

  it('is refused where both manifests exceed the input of an activity, and the workflow continues', async () => {
    const { spark } = temporal.env;
    const large = pi('large');
    large.metadata.annotations = { note: 'x'.repeat(1_100_000) };
    large.spec.suspend = true;
    const application = await spark.start(large);
    const isSuspended = async () => (await application.describe()).status?.state === 'SUSPENDED';
    await eventually('it to be SUSPENDED', isSuspended);
    const error = await refusal(spark.updateManifest({ ...large, spec: { ...large.spec, arguments: ['3'] } }));
    expect(error).toMatchObject({ type: 'RequestRefused' });
    expect(error.message).toContain('the limit for both together is 2,000,000 bytes');
    expect(await isSuspended()).toBe(true);
    await application.kill();
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED' });
  });
});

it('an application that is started with a retry policy of Temporal fails, and is not run again by it', async () => {
  const { client, namespace, taskQueue } = temporal.env;
  const workflow = await client.workflow.start('sparkApplication', {
    ...{ workflowId: `spark/${namespace}/retried`, taskQueue, args: [pi('retried')] },
    retry: { maximumAttempts: 3, initialInterval: 1 },
  });
  await expect(workflow.result()).rejects.toMatchObject({ cause: { type: 'RetryPolicyRefused' } });
  const { runId, status } = await client.workflow.getHandle(workflow.workflowId).describe();
  expect([runId, status.name]).toEqual([workflow.firstExecutionRunId, 'FAILED']);
});
