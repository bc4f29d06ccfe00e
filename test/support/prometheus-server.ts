import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { freePort } from '../../lab/ports.ts';
import { findPrometheus } from '../../lab/prometheus.ts';
import { root } from './build.ts';

export const alertRules: string = join(root, 'deploy/helm/temporal-spark/files/alert-rules.yaml');

export interface PrometheusServer {
  /** The value of a query that has one sample; undefined where it has none. */
  query(expression: string): Promise<number | undefined>;
  /** Names of the alerts that fire. */
  firing(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Prometheus, which scrapes `host:port` every half second, and evaluates our alerts without their delays. */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const { prometheus } = await findPrometheus();
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-prometheus-'));
  const rules = (await readFile(alertRules, 'utf8')).replaceAll(/\bfor: \d+m/g, 'for: 0s');
  await writeFile(join(directory, 'rules.yaml'), rules);
  const global = { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' };
  const scrape = { job_name: 'temporal-spark', static_configs: [{ targets: [target] }] };
  const configuration = { global, rule_files: ['rules.yaml'], scrape_configs: [scrape] };
  await writeFile(join(directory, 'prometheus.yaml'), stringify(configuration));
  const address = `127.0.0.1:${await freePort()}`;
  const server = execa(
    prometheus,
    [
      ...[`--config.file=${directory}/prometheus.yaml`, `--storage.tsdb.path=${directory}/data`],
      ...[`--web.listen-address=${address}`, '--log.level=error'],
    ],
    { stdin: 'ignore', all: true, reject: false },
  );
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://${address}${path}`);
    if (!response.ok) throw new Error(`Prometheus answered ${path} with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await server;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await eventually('Prometheus to be ready', async () => (await fetch(`http://${address}/-/ready`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async query(expression) {
      const answer = await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { result } = (answer as { data: { result: { value: [number, string] }[] } }).data;
      return result.length === 1 ? Number(result[0]!.value[1]) : undefined;
    },
    async firing() {
      const { data } = (await ask('/api/v1/alerts')) as {
        data: { alerts: { state: string; labels: { alertname: string } }[] };
      };
      return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
    },
    stop,
  };
}
