import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseSparkPipeline, type SparkPipelineManifest } from '../../src/manifest/index.ts';
import { root } from '../support/build.ts';
import { collectionPath } from '../support/example-manifests.ts';
import { useRealSpark } from './real-spark.ts';

const ORDERS = 5000;
const example = join(root, 'examples', 'shared-volume');
const spark = useRealSpark();
/** The volume that the pods share, as this process sees it. */
const shared = join(spark.lab.directory, 'shared');

beforeAll(async () => {
  mkdirSync(shared);
  chmodSync(shared, 0o777); // Spark's user is not this one
  const api = await ApiServer.connect(spark.lab.kubeconfig);
  try {
    await api.create('/api/v1/persistentvolumes', {
      metadata: { name: 'shared' },
      spec: { accessModes: ['ReadWriteMany'], capacity: { storage: '1Gi' }, hostPath: { path: shared } },
    });
    for (const document of parseAllDocuments(readFileSync(join(example, 'prerequisites.yaml'), 'utf8'))) {
      const object = document.toJS() as KubernetesObject;
      await api.create(collectionPath(object), object);
    }
  } finally {
    api.close();
  }
});

function pipeline(): SparkPipelineManifest {
  const text = readFileSync(join(example, 'pipeline.yaml'), 'utf8');
  return parseSparkPipeline(parse(text));
}

/** What each region must have earned; the script makes up the same orders. */
function expectedRevenues(): Record<string, number> {
  const revenues: Record<string, number> = { asia: 0, europe: 0, america: 0 };
  for (let id = 0; id < ORDERS; id += 1) {
    revenues[['asia', 'europe', 'america'][id % 3]!]! += (id * 7919) % 1000;
  }
  return revenues;
}

it(
  'generates data to a shared volume, transforms it with PySpark and reports on it, each stage told by the one before',
  { timeout: 420_000 },
  async () => {
    const run = await spark.env.spark.pipelines.start(pipeline(), { run: 'real', parameters: { orders: ORDERS } });
    const result = await run.result();
    const status = await run.status();
    const revenues = expectedRevenues();
    const [best] = Object.entries(revenues).toSorted(([, one], [, other]) => other - one)[0]!;
    const total = Object.values(revenues).reduce((sum, each) => sum + each, 0);
    expect(status.stages.map(({ name, state, attempts, outputs }) => ({ name, state, attempts, outputs }))).toEqual([
      { name: 'generate', state: 'SUCCEEDED', attempts: 1, outputs: { path: '/data/real/orders', rows: ORDERS } },
      {
        name: 'transform',
        state: 'SUCCEEDED',
        attempts: 1,
        outputs: { path: '/data/real/by-region', regions: ['america', 'asia', 'europe'] },
      },
      {
        name: 'report',
        state: 'SUCCEEDED',
        attempts: 1,
        outputs: { best, revenue: total, file: '/data/real/report.json' },
      },
    ]);
    expect(result).toMatchObject({
      state: 'COMPLETED',
      outputs: { best, revenue: total, file: '/data/real/report.json' },
    });
    expect(JSON.parse(readFileSync(join(shared, 'real', 'report.json'), 'utf8'))).toEqual({ revenues, partitions: 3 });
  },
);
