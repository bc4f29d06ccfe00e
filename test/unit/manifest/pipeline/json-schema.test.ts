import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pipelineSchema } from '../../../../scripts/json-schema.ts';
import { root } from '../../../support/build.ts';
import { problemsOf } from '../manifests.ts';
import { churn } from './churn.ts';
import { applicationSpec, pipeline, stage } from './pipelines.ts';

const accepts = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(pipelineSchema());
const files = [
  'test/unit/manifest/pipeline/full-pipeline.yaml',
  ...globSync('examples/{pipelines,shared-volume}/*.yaml', { cwd: root }),
].filter((file) => !file.includes('prerequisites'));

const inTemplate = (spec: object): object =>
  pipeline([{ name: 'one', template: 'etl' }], {
    templates: { etl: { spec: applicationSpec(spec as Record<string, unknown>) } },
  });

describe('schema/sparkpipeline.json', () => {
  it.each(files)('accepts %s', (file) => {
    expect(accepts(parse(readFileSync(join(root, file), 'utf8'))), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('accepts what is defined in TypeScript', () => {
    expect(accepts(churn), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('accepts an expression for any value of an application, and a template that lacks what stages add', () => {
    const fields = { image: '${{ params.image }}', driver: { cores: '${{ 2 }}' }, arguments: '${{ ["a"] }}' };
    const lacking = pipeline([stage('one')], { templates: { etl: { spec: { type: 'Python' } } } });
    for (const manifest of [inTemplate(fields), lacking]) {
      expect(accepts(manifest), JSON.stringify(accepts.errors)).toBe(true);
    }
  });

  it.each([
    ['an unknown field', pipeline([stage('one', { timeoutSecond: 1 })])],
    ['an unknown field of a template', inTemplate({ driver: { corez: 1 } })],
    ['an unknown field of overrides', pipeline([{ name: 'one', template: 'x', overrides: { imag: 'x' } }])],
    [
      'an unknown field of a nested pipeline',
      pipeline([{ name: 'one', pipeline: { stages: [stage('a', { x: 1 })] } }]),
    ],
    ['a wrong type', pipeline([stage('one', { always: 'yes' })])],
    ['a number that is not an expression', inTemplate({ driver: { cores: 'two' } })],
    ['a wrong choice', pipeline([stage('one')], { failurePolicy: 'GiveUp' })],
    ['a wrong type of a parameter', pipeline([stage('one')], { parameters: { day: { type: 'date' } } })],
    ['a wrong condition', pipeline([stage('one'), stage('two', { dependsOn: [{ stage: 'one', condition: 'ok' }] })])],
    ['a pipeline without stages', pipeline([])],
    ['a pipeline under the kind of a schedule', { ...pipeline([stage('one')]), kind: 'ScheduledSparkPipeline' }],
  ])('refuses %s, as the parser does', (_, manifest) => {
    expect(accepts(manifest)).toBe(false);
    expect(problemsOf(manifest)).not.toEqual([]);
  });

  it('explains every field of a pipeline, a stage and a schedule to an editor', () => {
    const { definitions } = pipelineSchema() as unknown as { definitions: Record<string, Described> };
    const { SparkPipelineSpec, PipelineStage, ScheduledSparkPipeline, __schema0 } = definitions;
    const described = { ...SparkPipelineSpec!.properties, ...PipelineStage!.properties };
    Object.assign(described, ScheduledSparkPipeline!.properties['spec']!.properties, { stages: __schema0 });
    const silent = Object.entries(described).filter(([, { description }]) => !description);
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

interface Described {
  readonly description?: string;
  readonly properties: Record<string, Described>;
}
