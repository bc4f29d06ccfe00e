import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { freePort } from '../../lab/ports.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { factsInHistories } from '../support/facts-in-histories.ts';
import { failureOf } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { Scrape } from '../support/scrape.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('metrics');
const { pi } = cluster;

const counters = {
  created: 'spark_application_count',
  submitted: 'spark_application_submit_count',
  refused: 'spark_application_failed_submission_count',
  completed: 'spark_application_success_count',
  failed: 'spark_application_failure_count',
} as const;

describe('the metrics of workers', () => {
  it('are what the histories record, also where a worker was killed in the middle', async () => {
    const { env } = cluster;
    const started: string[] = [];
    const start = async (manifest = pi('plain')) => {
      manifest.metadata.labels = { team: manifest.metadata.name!.startsWith('late') ? 'late' : 'early' };
      const application = await env.spark.start(manifest);
      started.push(application.workflowId);
      return application;
    };
    const begin = async (): Promise<{ worker: WorkerProcess; address: string }> => {
      const address = `127.0.0.1:${await freePort()}`;
      const variables = { TEMPORAL_SPARK_METRICS_ADDRESS: address, TEMPORAL_SPARK_METRICS_LABELS: 'team' };
      return { address, worker: await startWorkerProcess({ ...env, env: variables }) };
    };
    const running = (address: string, count: number) =>
      eventually(`${count} to be counted as running`, async () => {
        const shown = (await Scrape.of(address)).sum('spark_application_running_count');
        return shown === count || undefined;
      });

    const first = await begin();
    const [left, right] = await Promise.all(['left', 'right'].map((name) => start(pi(name, RUN_FOREVER))));
    await (await start(pi('plain'))).result();
    const restarted = pi('restarted', { 'lab.temporal-spark/exit-code': '1' });
    restarted.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    await failureOf((await start(restarted)).result());
    const refused = pi('refused');
    refused.metadata.annotations = { 'temporal-spark/submitter': 'unknown' };
    await failureOf((await start(refused)).result());
    await running(first.address, 2);
    const before = await Scrape.of(first.address);
    await first.worker.end('SIGKILL');

    const second = await begin();
    try {
      // The waits of the first worker continue on this one: they are not counted again, and shown as running.
      await running(second.address, 2);
      await (await start(pi('late-plain'))).result();
      await Promise.all([left!.kill(), right!.kill()]);
      await Promise.all([left!, right!].map((application) => failureOf(application.result())));
      await running(second.address, 0);
      const after = await Scrape.of(second.address);
      const recorded = await factsInHistories(env.client, started);
      const sum = (name: string) => [before, after].reduce((total, scrape) => total + (scrape.sum(name) ?? 0), 0);
      const scraped = Object.fromEntries(Object.entries(counters).map(([fact, name]) => [fact, sum(name)]));
      expect(scraped).toEqual({ ...recorded });
      expect(recorded).toEqual({ created: 6, submitted: 6, refused: 1, completed: 2, failed: 2 });
      expect(after.sum(counters.completed, { team: 'late' })).toBe(1);
      // Of the first driver of each application, under both names, with the operator's buckets.
      expect(sum('spark_application_submit_latency_seconds_count')).toBe(5);
      expect(sum('spark_application_start_latency_seconds_count')).toBe(5);
      expect(after.sum('spark_application_submit_latency_seconds_histogram_bucket', { le: '256' })).toBe(1);
      expect(after.sum('spark_application_start_latency_seconds_histogram_bucket', { le: '300' })).toBe(1);
      expect(sum('spark_application_success_execution_time_seconds_count')).toBe(2);
      expect(sum('spark_application_failure_execution_time_seconds_count')).toBe(2);
    } finally {
      await second.worker.end('SIGTERM');
    }
  });
});
