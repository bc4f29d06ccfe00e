import { expect, it } from 'vitest';
import { readArchiveUrl } from '../../../src/logs/open-archive.ts';
import { loadWorkerConfiguration, WorkerConfigurationError } from '../../../src/worker.ts';

it.each([
  ['/var/log/spark', { directory: '/var/log/spark' }],
  ['file:///var/log/spark%20logs', { directory: '/var/log/spark logs' }],
  ['s3://logs', { s3: { bucket: 'logs' } }],
  ['s3://my.logs/team/spark/', { s3: { bucket: 'my.logs', prefix: 'team/spark' } }],
  [
    's3://logs/spark?endpoint=http://127.0.0.1:9000&region=eu-west-1&path-style=false',
    {
      s3: {
        ...{ bucket: 'logs', prefix: 'spark', endpoint: 'http://127.0.0.1:9000' },
        ...{ region: 'eu-west-1', pathStyle: false },
      },
    },
  ],
])('takes %s', (url, location) => {
  expect(readArchiveUrl(url)).toEqual(location);
});

it.each([
  ['logs', 'is not a directory (/logs, file:///logs) or s3://bucket/prefix?endpoint=URL&region=NAME'],
  ['gs://logs', 'is not a directory'],
  ['s3://Logs_', 'has no valid name of a bucket'],
  ['s3://logs?endpont=http://x', 'has the unknown parameter "endpont"; known: endpoint, region, path-style'],
  ['s3://logs?endpoint=minio:9000', 'has an endpoint that is not an http: or https: URL: "minio:9000"'],
  ['s3://logs?path-style=yes', 'has path-style=yes; allowed: true, false'],
  ['s3://key:secret@logs', 'has credentials in it'],
])('rejects %s, and explains why', (url, message) => {
  expect(() => readArchiveUrl(url)).toThrow(message);
});

it('is part of the configuration of a worker', () => {
  const variables = { TEMPORAL_SPARK_LOG_ARCHIVE: '/logs', TEMPORAL_SPARK_ARCHIVED_LOGS: 'all' };
  expect(loadWorkerConfiguration(variables).logArchive).toEqual({ url: '/logs', archived: 'all' });
  expect(loadWorkerConfiguration({}).logArchive).toBeUndefined();
  const wrong = { TEMPORAL_SPARK_LOG_ARCHIVE: 'gs://logs', TEMPORAL_SPARK_ARCHIVED_LOGS: 'some' };
  expect(() => loadWorkerConfiguration(wrong)).toThrow(WorkerConfigurationError);
  expect(() => loadWorkerConfiguration(wrong)).toThrow('TEMPORAL_SPARK_LOG_ARCHIVE="gs://logs": is not a directory');
});
