import { describe, expect, it } from 'vitest';
import { cel, definePipeline, parseSparkPipeline } from '../../../../src/manifest/index.ts';
import { churn } from './churn.ts';
import { step, template } from './pipelines.ts';

describe('a pipeline defined in TypeScript', () => {
  it('is the manifest that YAML would be', () => {
    expect(churn).toEqual({
      apiVersion: 'temporal-spark/v1alpha1',
      kind: 'SparkPipeline',
      metadata: { name: 'churn', namespace: 'ml' },
      spec: {
        failurePolicy: 'Continue',
        parameters: { threshold: { type: 'double', default: 0.9 }, region: { type: 'string' } },
        templates: { ml: template },
        stages: [
          {
            name: 'train',
            template: 'ml',
            overrides: { arguments: ['train', '--region=${{ params.region }}'] },
            outputs: { accuracy: 'double', model: 'string' },
          },
          {
            name: 'score',
            dependsOn: ['train'],
            when: 'stages.train.outputs.accuracy >= params.threshold && params.region != "test"',
            template: 'ml',
            overrides: { arguments: ['score', '${{ stages.train.outputs.model }}'] },
            retry: { maxAttempts: 3 },
          },
          {
            name: 'alert',
            dependsOn: [{ stage: 'train', condition: 'failed' }],
            workflow: { type: 'page', args: ['${{ stages.train.message }}'] },
          },
        ],
        outputs: { model: { type: 'string', value: '${{ stages.train.outputs.model }}' } },
      },
    });
    expect(parseSparkPipeline(churn).metadata.name).toBe('churn');
  });

  it('fans out over lists and ranges, nests pipelines and names stages of any name', () => {
    const outer = definePipeline(
      { name: 'outer', parameters: { regions: { type: 'list<string>', default: ['eu', 'us'] } } },
      ({ params, stage, forEach, schedule }) => {
        const load = forEach('load-region', { items: params.regions, maxConcurrent: 2 }, ({ item, index }) => ({
          workflow: { type: 'load', args: [item, index, schedule.date] },
          outputs: { rows: 'int' },
        }));
        const models = forEach('model', { range: { to: 3 } }, ({ item }) => ({
          dependsOn: [load],
          pipeline: churn,
          parameters: { region: cel`string(${item})` },
        }));
        stage('clean-up', {
          always: true,
          dependsOn: [load.completed],
          activity: { type: 'clean', args: [load.state] },
        });
        return {
          rows: { type: 'int', value: cel`${load.outputs.rows}[0] + ${1}` },
          models: { type: 'list<string>', value: models.outputs.model },
        };
      },
    );
    expect(outer.spec.stages).toEqual([
      {
        name: 'load-region',
        forEach: { items: '${{ params.regions }}', maxConcurrent: 2 },
        workflow: { type: 'load', args: ['${{ item }}', '${{ index }}', '${{ schedule.date }}'] },
        outputs: { rows: 'int' },
      },
      {
        name: 'model',
        dependsOn: ['load-region'],
        forEach: { range: { to: 3 } },
        pipeline: churn.spec,
        parameters: { region: '${{ string(item) }}' },
      },
      {
        name: 'clean-up',
        always: true,
        dependsOn: [{ stage: 'load-region', condition: 'completed' }],
        activity: { type: 'clean', args: ['${{ stages["load-region"].state }}'] },
      },
    ]);
    expect(outer.spec.outputs!['rows']!.value).toBe('${{ stages["load-region"].outputs.rows[0] + 1 }}');
    expect(parseSparkPipeline(outer).spec.stages).toHaveLength(3);
  });

  it('reports problems as for any manifest', () => {
    const unordered = definePipeline({ name: 'unordered' }, ({ stage }) => {
      const one = stage('one', { ...step, outputs: { rows: 'int' } });
      stage('two', { workflow: { type: 'step', args: [one.outputs.rows] } });
    });
    expect(() => parseSparkPipeline(unordered)).toThrow('add "one" to dependsOn');
  });
});

describe('an expression', () => {
  const rows = cel<'int'>`size(${'a'})`;

  it('holds others, and values as CEL writes them', () => {
    expect(cel`${rows} in ${[1, 'two', null, true]}`).toBe('${{ (size("a")) in [1, "two", null, true] }}');
  });

  it('names what has the name of a word of the language', () => {
    const odd = definePipeline(
      { name: 'odd', parameters: { in: { type: 'int', default: 1 }, for: { type: 'int', default: 2 } } },
      ({ params, stage }) => {
        stage('true', { ...step, when: cel`${params.in} < ${params.for}` });
      },
    );
    expect(odd.spec.stages[0]!.when).toBe('params["in"] < params.for');
    expect(parseSparkPipeline(odd).spec.stages).toHaveLength(1);
  });

  it('takes no text with an expression in it: that would be a text', () => {
    expect(() => cel`${`about ${rows}`} == ${'x'}`).toThrow('cannot be part of an expression');
  });
});
