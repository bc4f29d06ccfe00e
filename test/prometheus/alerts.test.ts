import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { freePort } from '../../lab/ports.ts';
import { findPrometheus } from '../../lab/prometheus.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/protocol/index.ts';
import { chartObjects } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { alertRules, startPrometheus } from '../support/prometheus-server.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('prometheus');

async function promtool(...args: string[]): Promise<string> {
  const { promtool: program } = await findPrometheus();
  const { all, exitCode } = await execa(program, args, { all: true, reject: false });
  expect(exitCode, all).toBe(0);
  return all;
}

describe('the alert rules', () => {
  it('are what Prometheus accepts', async () => {
    expect(await promtool('check', 'rules', '--lint-fatal', alertRules)).toContain('6 rules found');
  });

  it('fire and resolve, each by the series that it is about', async () => {
    const tests = join(import.meta.dirname, 'alert-rules.yaml');
    expect(await promtool('test', 'rules', tests)).toContain('SUCCESS');
    const names = (text: string) => new Set([...text.matchAll(/alert(?:name)?: (\w+)/g)].map(([, name]) => name));
    expect(names(await readFile(tests, 'utf8'))).toEqual(names(await readFile(alertRules, 'utf8')));
  });

  it('are the PrometheusRule of the chart, about its task queue', async () => {
    const values = {
      applications: { clusterWide: true },
      temporal: { address: '127.0.0.1:7233', taskQueue: 'another' },
      metrics: { prometheusRule: { enabled: true, labels: { release: 'prometheus' } } },
    };
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-rules-'));
    const objects = await chartObjects({ namespace: 'workers', directory, values });
    const rules = (await readFile(alertRules, 'utf8')).replace('task_queue="temporal-spark"', 'task_queue="another"');
    expect(rules).toContain('task_queue="another"');
    expect(objects.find(({ kind }) => kind === 'PrometheusRule')).toMatchObject({
      metadata: { namespace: 'workers', labels: { release: 'prometheus' } },
      spec: parse(rules) as object,
    });
  });

  it('fire and resolve on a real Prometheus, which finds each metric of theirs on a worker', async () => {
    const { env } = cluster;
    const address = `127.0.0.1:${await freePort()}`;
    const start = () =>
      startWorkerProcess({
        ...env,
        taskQueue: DEFAULT_TASK_QUEUE,
        env: { TEMPORAL_SPARK_METRICS_ADDRESS: address },
      });
    const prometheus = await startPrometheus(address);
    const absent = (isFiring: boolean) =>
      eventually(`SparkWorkersAbsent ${isFiring ? 'to fire' : 'to resolve'}`, async () => {
        return (await prometheus.firing()).includes('SparkWorkersAbsent') === isFiring;
      });
    try {
      await absent(true);
      const worker = await start();
      try {
        await absent(false);
        const rules = await readFile(alertRules, 'utf8');
        const metrics = new Set(rules.match(/\b(?:spark|temporal)_\w+_\w+\b(?=[{[])/g));
        expect(metrics.size).toBe(5);
        for (const metric of metrics) {
          await eventually(`a sample of ${metric}`, () => prometheus.query(`count(${metric})`));
        }
      } finally {
        await worker.end('SIGTERM');
      }
      await absent(true);
    } finally {
      await prometheus.stop();
    }
  });
});
