import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';

const cluster = useCluster('restarts', { rights: 'chart', worker: {} });
const { pi } = cluster;

describe('restarts', () => {
  it('OnFailure tries N + 1 times, each attempt with a driver and a submission ID of its own, then fails', async () => {
    const manifest = pi('retried', { 'lab.temporal-spark/exit-code': '3' });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    const error = await failureOf((await cluster.env.spark.start(manifest)).result());
    expect(error.result).toMatchObject({
      state: 'FAILED',
      attempts: 2,
      exitCode: 3,
    });
    expect(new Set(cluster.drivers.attemptsOf('retried')).size).toBe(2);
    expect(cluster.drivers.attemptsOf('retried')).toHaveLength(2);
  });

  it('Always runs again after success, until it is killed', async () => {
    const manifest = pi('endless');
    manifest.spec.restartPolicy = { type: 'Always' };
    const application = await cluster.env.spark.start(manifest);
    await eventually('a third attempt', () => cluster.drivers.attemptsOf('endless').length >= 3);
    await application.kill();
    const error = await failureOf(application.result());
    expect(error.result!.state).toBe('CANCELLED');
    expect(error.result!.attempts).toBeGreaterThanOrEqual(3);
  });

  it('does not retry a failure that no attempt can fix', async () => {
    const manifest = pi('refused');
    manifest.spec.restartPolicy = { type: 'Always' };
    manifest.spec.mainApplicationFile = 'file:///not/in/the/image.jar';
    const error = await failureOf((await cluster.env.spark.start(manifest)).result());
    expect(error.result).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      reason: 'SubmissionRefused',
    });
    expect(cluster.drivers.attemptsOf('refused')).toHaveLength(0);
  });
});
