import { expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import type { PipelineStage } from '../../src/manifest/index.ts';
import { DRIVER_FINALIZER } from '../../src/spark/metadata.ts';
import { createNamespace, privateLab } from '../lab-fixture.ts';
import { connectEnvironment, DriverRecorder } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { pipelineOf } from '../support/pipelines.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const LAYERS = 3;
const WIDTH = 6;

/** After how many stages something is killed: the same in every run of this test (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

it(
  'a pipeline whose worker and whose Temporal server are killed in the middle loses no stage and runs none twice',
  { timeout: 300_000 },
  async () => {
    const lab = await privateLab({ persistTemporal: true });
    const namespace = await createNamespace({ lab, prefix: 'kills' });
    const env = await connectEnvironment({
      kubeconfig: lab.kubeconfig,
      temporalAddress: lab.temporal!.address,
      namespace,
    });
    const drivers = new DriverRecorder(env.kubernetes, namespace);
    await drivers.ready;
    const { spec } = sparkPi({ annotations: { 'lab.temporal-spark/run-seconds': '1' } });
    const stages = Array.from({ length: LAYERS * WIDTH }, (_, index): PipelineStage => ({
      name: `s${index}`,
      template: 'pi',
      ...(index < WIDTH
        ? {}
        : { dependsOn: [`s${index - WIDTH}`, `s${index - WIDTH - (index % WIDTH === 0 ? 0 : 1)}`] }),
    }));
    let worker = await startWorkerProcess(env);
    try {
      // So few events that it continues as new again and again, also while children run.
      const pipeline = await env.spark.pipelines.start(
        pipelineOf('kills', stages, { templates: { pi: { spec } } }, namespace),
        {
          maxHistoryEvents: 40,
        },
      );
      const random = seeded(20261121);
      const driversSeen = (count: number) => eventually(`${count} drivers`, () => drivers.seen.size >= count, 120_000);
      await driversSeen(1 + random(WIDTH));
      await worker.end('SIGKILL');
      worker = await startWorkerProcess(env);
      await driversSeen(WIDTH + 1 + random(WIDTH));
      await lab.components['temporal']!.kill('SIGKILL');
      await lab.components['temporal']!.start();

      await eventually(
        'the pipeline to end',
        async () => {
          const { status } = await env.client.workflow.getHandle(pipeline.workflowId).describe();
          return status.name !== 'RUNNING';
        },
        200_000,
      );
      const status = await env.spark.pipelines.get(pipeline.workflowId).status();
      expect(status.state).toBe('COMPLETED');
      expect(status.stages.map(({ name, state, attempts }) => [name, state, attempts])).toEqual(
        stages.map(({ name }) => [name, 'SUCCEEDED', 1]),
      );
      const driversOf = [...drivers.seen.values()].map(({ metadata }) => metadata!.labels!['temporal-spark/stage']!);
      expect(driversOf.sort()).toEqual(stages.map(({ name }) => name).sort());
      for await (const page of env.kubernetes.list(Resources.pods, namespace)) {
        for (const { metadata } of page) expect(metadata!.finalizers ?? []).not.toContain(DRIVER_FINALIZER);
      }
      expect((await env.client.workflow.getHandle(pipeline.workflowId).describe()).runId).not.toBe(pipeline.runId);
    } finally {
      await worker.end();
      drivers.stop();
      await env.close();
    }
  },
);
