import { expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import type { PipelineStage } from '../../src/manifest/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { withWorker } from '../support/environment.ts';
import { pipelineOf } from '../support/pipelines.ts';

const cluster = useCluster('outputs', { rights: 'chart' });

/** What the driver of each stage leaves in its ConfigMap. */
const left: Readonly<Record<string, Record<string, string>>> = {
  given: { rows: '3', path: '/data/x', parts: '["a","b"]', 'not-asked-for': 'x'.repeat(100_000) },
  lacking: { rows: '3' },
  large: { rows: '3', path: 'x'.repeat(70_000), parts: '[]' },
  wrong: { rows: '"3"', path: '/data/x', parts: '[]' },
  unreadable: { rows: 'many', path: '/data/x', parts: '[]' },
};

it('reads outputs from a ConfigMap; a stage fails whose outputs are missing, too large or wrong', async () => {
  const { env } = cluster;
  const { spec } = cluster.pi('any', { 'lab.temporal-spark/run-seconds': '3' });
  const stage = (name: string): PipelineStage => ({
    name,
    template: 'pi',
    outputs: { rows: 'int', path: 'string', parts: 'list<string>' },
    outputsFrom: 'ConfigMap',
    retry: { maxAttempts: 2 },
  });
  const manifest = pipelineOf(
    `outputs-${env.namespace}`,
    [...Object.keys(left).map(stage), stage('none'), { ...stage('all'), forEach: { range: { from: 1, to: 2 } } }],
    { templates: { pi: { spec } }, failurePolicy: 'Continue' },
    env.namespace,
  );
  const drivers = env.kubernetes.watch(Resources.pods, env.namespace, 'spark-role=driver');
  const made = new Map<string, Promise<unknown>>();
  drivers.subscribe((_, pod) => {
    const { labels = {} } = pod?.metadata ?? {};
    const data = labels['temporal-spark/stage'] === 'all' ? left['given'] : left[labels['temporal-spark/stage']!];
    const name = `${labels['spark-app-selector']}-outputs`;
    if (data === undefined || made.has(name)) return;
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: env.namespace }, data };
    made.set(name, env.kubernetes.create(Resources.configMaps, configMap));
  });
  try {
    const status = await withWorker(env, async () => {
      const pipeline = await env.spark.pipelines.start(manifest);
      await pipeline.result().catch(() => undefined);
      return pipeline.status();
    });
    await Promise.all(made.values());
    const stages = Object.fromEntries(status.stages.map((each) => [each.name, each]));
    expect(stages['given']).toMatchObject({
      state: 'SUCCEEDED',
      outputs: { rows: 3, path: '/data/x', parts: ['a', 'b'] },
    });
    expect(stages['all']!.outputs).toEqual({
      rows: [3, 3],
      path: ['/data/x', '/data/x'],
      parts: [
        ['a', 'b'],
        ['a', 'b'],
      ],
    });
    const failed = { state: 'FAILED', attempts: 1 };
    expect(stages['none']).toMatchObject({ ...failed, reason: 'MissingOutput' });
    expect(stages['none']!.message).toMatch(/The ConfigMap \S+\/spark-\w+-outputs with the outputs does not exist/);
    expect(stages['lacking']).toMatchObject({ ...failed, reason: 'MissingOutput' });
    expect(stages['lacking']!.message).toContain('Missing declared outputs: path, parts');
    expect(stages['large']).toMatchObject({ ...failed, reason: 'OutputTooLarge' });
    expect(stages['wrong']).toMatchObject({ ...failed, reason: 'WrongOutputType' });
    expect(stages['unreadable']).toMatchObject({ ...failed, reason: 'UnreadableOutput' });
  } finally {
    drivers.release();
  }
});
