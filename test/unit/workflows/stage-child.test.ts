import { expect, it } from 'vitest';
import type { PipelineStage, SparkApplicationManifest, SparkPipeline } from '../../../src/manifest/index.ts';
import type { SparkPipelineOptions } from '../../../src/protocol/index.ts';
import { stageChild } from '../../../src/workflows/pipeline/stage-child.ts';
import { sparkPi } from '../../support/manifests.ts';
import { pipelineOf } from '../../support/pipelines.ts';

const application: PipelineStage = { name: 'load', application: { spec: sparkPi({ annotations: { own: 'x' } }).spec } };
const history = { schedule: 'etl/daily', successful: 3 };
const place = { workflowId: 'pipeline/daily/etl-1/load', scheduleTime: '2026-11-20T00:00:00Z', timeZone: 'UTC' };

function childOf(stage: PipelineStage, more: { workflowId?: string; index?: number; history?: typeof history } = {}) {
  const pipeline = pipelineOf('daily', [stage]) as SparkPipeline;
  return stageChild(pipeline, stage, () => undefined, { ...place, ...more }).args;
}

/** What housekeeping reads of the driver of a stage. */
function keptOf(...given: Parameters<typeof childOf>) {
  const [{ metadata, spec }] = childOf(...given) as [SparkApplicationManifest];
  return [metadata.labels!['sparkoperator.k8s.io/scheduled-app-name'], spec.driver.annotations];
}

it('labels the drivers of a stage with their schedule and its history limits', () => {
  const [schedule, annotations] = keptOf(application, { history });
  expect(schedule).toMatch(/^etl-daily-load-[0-9a-f]{6}$/);
  expect(annotations).toEqual({ own: 'x', 'temporal-spark/successful-run-history-limit': '3' });
  // Of each run the same, of each item another.
  expect(keptOf(application, { history, workflowId: 'pipeline/daily/etl-2/load' })[0]).toBe(schedule);
  expect(keptOf(application, { history, index: 0 })[0]).not.toBe(keptOf(application, { history, index: 1 })[0]);
  expect(keptOf(application)).toEqual([undefined, { own: 'x' }]);
});

it('a nested pipeline keeps as many of its own', () => {
  const [, options] = childOf({ name: 'inner', pipeline: { stages: [application] } }, { history }) as [
    unknown,
    SparkPipelineOptions,
  ];
  expect(options.history).toEqual({ schedule: 'etl/daily/inner', successful: 3 });
});
