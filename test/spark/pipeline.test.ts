import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { progressPrinter } from '../../lab/progress.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseSparkPipeline, type SparkPipelineManifest } from '../../src/manifest/index.ts';
import { root } from '../support/build.ts';
import { connectEnvironment, withWorker, type Environment } from '../support/environment.ts';
import { collectionPath } from '../support/example-manifests.ts';

const SPARK = '4.1.4';
const ORDERS = 5000;
const example = join(root, 'examples', 'shared-volume');
let lab: Lab;
let env: Environment;
/** The volume that the pods share, as this process sees it. */
let shared: string;

beforeAll(async () => {
  lab = await startLab({ mode: 'real', sparkVersions: [SPARK], onProgress: progressPrinter(console.log) });
  shared = join(lab.directory, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777); // Spark's user is not this one
  await applySparkRbac(lab.kubeconfig, 'default');
  const api = await ApiServer.connect(lab.kubeconfig);
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
  env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace: 'default',
  });
}, 1_800_000);

afterAll(async () => {
  await env?.close();
  await lab?.stop();
});

/** The example in the lab's image. */
function pipeline(): SparkPipelineManifest {
  const text = readFileSync(join(example, 'pipeline.yaml'), 'utf8');
  return parseSparkPipeline(parse(text.replaceAll('spark:4.1.4-python3', lab.sparkImages[SPARK]!)));
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
    const { status, result } = await withWorker(env, async () => {
      const run = await env.spark.pipelines.start(pipeline(), { run: 'real', parameters: { orders: ORDERS } });
      return { result: await run.result(), status: await run.status() };
    });
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
