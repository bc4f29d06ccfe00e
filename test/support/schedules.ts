import type { ScheduledSparkApplicationManifest, ScheduledSparkPipeline } from '../../src/manifest/index.ts';
import { sparkPi } from './manifests.ts';
import { pipelineOf, step } from './pipelines.ts';

/** A schedule of an application whose driver gets the time it was due as its argument. */
export function scheduledApplication(
  name: string,
  namespace: string,
  spec: Record<string, unknown> = {},
): ScheduledSparkApplicationManifest {
  const template = sparkPi({ args: ['${{ schedule.time }}', '${{ schedule.date }}'] }).spec;
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'ScheduledSparkApplication',
    metadata: { name, namespace, annotations: { 'temporal-spark/jitter': '0s' } },
    spec: { schedule: '0 3 * * *', template, ...spec },
  };
}

/** A schedule of a pipeline of one step, whose output is the day it was due. */
export function scheduledPipeline(
  name: string,
  namespace: string,
  spec: Partial<ScheduledSparkPipeline['spec']> = {},
): ScheduledSparkPipeline {
  const { apiVersion, spec: template } = pipelineOf(
    'any',
    [step('a', { result: { date: '${{ schedule.date }}' } }, { outputs: { date: 'string' } })],
    {
      outputs: { date: { type: 'string', value: '${{ stages.a.outputs.date }}' } },
    },
  );
  return {
    apiVersion,
    kind: 'ScheduledSparkPipeline',
    metadata: { name: `${name}-${namespace}`, namespace },
    spec: { schedule: '0 3 * * *', template, ...spec },
  } as unknown as ScheduledSparkPipeline;
}
