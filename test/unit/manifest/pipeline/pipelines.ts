import type { ApplicationTemplate } from '../../../../src/manifest/index.ts';

/** The minimal SparkPipeline, with its stages and more fields of its spec. */
export const pipeline = (stages: unknown[], spec: Record<string, unknown> = {}): Record<string, unknown> => ({
  apiVersion: 'temporal-spark/v1alpha1',
  kind: 'SparkPipeline',
  metadata: { name: 'daily-etl' },
  spec: { stages, ...spec },
});

/** A stage that runs a workflow: the shortest there is. */
export const stage = (name: string, fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  workflow: { type: 'step' },
  ...fields,
});

/** The minimal spec of an application, with more fields. */
export const applicationSpec = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'Python',
  sparkVersion: '4.1.4',
  mainApplicationFile: 'local:///opt/etl.py',
  driver: {},
  executor: {},
  ...fields,
});

/** The same as a template, for pipelines that are defined in TypeScript. */
export const template = { spec: applicationSpec() } as unknown as ApplicationTemplate;

/** The work of the shortest stage there. */
export const step = { workflow: { type: 'step' } };
