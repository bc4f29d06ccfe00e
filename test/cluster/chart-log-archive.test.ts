import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadWorkerConfiguration } from '../../src/worker.ts';
import { chartObjects } from '../support/chart.ts';

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts: readonly object[];
}

/** The worker's container, and the volumes of its pod, with these values of `logArchive`. */
async function workerWith(logArchive: object): Promise<Container & { readonly volumes: readonly object[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'chart-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const values = { logArchive, applications: { clusterWide: true } };
  const objects = await chartObjects({ namespace: 'workers', values, directory });
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
    readonly spec: { readonly template: { readonly spec: { containers: [Container]; volumes: object[] } } };
  };
  const { containers, volumes } = deployment.spec.template.spec;
  return { ...containers[0], volumes };
}

const archiveOf = ({ env }: Container) =>
  loadWorkerConfiguration(
    Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  ).logArchive;

it('keeps no logs by default', async () => {
  expect(archiveOf(await workerWith({}))).toBeUndefined();
});

it('mounts a volume for the logs', async () => {
  const worker = await workerWith({ archived: 'all', volume: { claimName: 'spark-logs' } });
  expect(archiveOf(worker)).toEqual({ url: 'file:///var/log/temporal-spark', archived: 'all' });
  expect(worker.volumeMounts).toContainEqual({ name: 'log-archive', mountPath: '/var/log/temporal-spark' });
  expect(worker.volumes).toContainEqual({ name: 'log-archive', persistentVolumeClaim: { claimName: 'spark-logs' } });
});

it('names a bucket, with the credentials of a Secret', async () => {
  const s3 = {
    bucket: 'logs',
    prefix: '/spark/',
    endpoint: 'https://minio:9000',
    region: 'eu-west-1',
    secretName: 'aws',
  };
  const worker = await workerWith({ s3 });
  const url = 's3://logs/spark?endpoint=https%3A%2F%2Fminio%3A9000&region=eu-west-1';
  expect(archiveOf(worker)).toEqual({ url, archived: 'driver' });
  for (const key of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    expect(worker.env).toContainEqual({ name: key, valueFrom: { secretKeyRef: { name: 'aws', key } } });
  }
});

it.each([
  [{ volume: { claimName: 'a' }, s3: { bucket: 'b' } }, 'logArchive has a volume and a bucket'],
  [{ s3: { endpoint: 'https://minio:9000' } }, 'logArchive.s3 has no bucket'],
])('refuses %j', async (logArchive, message) => {
  await expect(workerWith(logArchive)).rejects.toThrow(message);
});
