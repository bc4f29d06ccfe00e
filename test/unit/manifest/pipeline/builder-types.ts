// What must not compile: `tsc` reads this, and rejects a comment that expects an error where the code compiles. Nothing runs it.
import { expectTypeOf } from 'vitest';
import type { PipelineClient } from '../../../../src/index.ts';
import { definePipeline, type PipelineExpression, type SparkPipelineManifest } from '../../../../src/manifest/index.ts';
import { churn } from './churn.ts';
import { step, template } from './pipelines.ts';

/** A stage, an output, a parameter or a template that does not exist. */
export function whatDoesNotExist(): void {
  definePipeline(
    { name: 'x', parameters: { day: { type: 'string' } }, templates: { ml: template } },
    ({ params, stage }) => {
      const train = stage('train', { template: 'ml', outputs: { accuracy: 'double' } });
      expectTypeOf(train.outputs).toEqualTypeOf<{ readonly accuracy: PipelineExpression<'double'> }>();
      expectTypeOf(params).toEqualTypeOf<{ readonly day: PipelineExpression<'string'> }>();
      // @ts-expect-error the stage is misspelled
      stage('a', { ...step, dependsOn: [trian] });
      // @ts-expect-error a stage is named by its handle
      stage('b', { ...step, dependsOn: ['train'] });
      // @ts-expect-error no such output
      stage('c', { workflow: { type: 'step', args: [train.outputs.acuracy] } });
      // @ts-expect-error no such parameter
      stage('d', { workflow: { type: 'step', args: [params.date] } });
      // @ts-expect-error no such template
      stage('e', { template: 'lm' });
      // @ts-expect-error no such field
      stage('f', { ...step, timeoutSecond: 5 });
    },
  );
}

/** A wrong type. */
export function wrongTypes(): void {
  definePipeline({ name: 'x', parameters: { days: { type: 'list<string>' } } }, ({ params, stage, forEach }) => {
    const train = stage('train', { ...step, outputs: { accuracy: 'double', good: 'bool', count: 'int' } });
    stage('a', { ...step, when: train.outputs.good });
    // @ts-expect-error a number is not a condition
    stage('b', { ...step, when: train.outputs.accuracy });
    // @ts-expect-error no type of an output
    stage('c', { ...step, outputs: { rows: 'integer' } });
    // @ts-expect-error not a list
    forEach('d', { items: train.outputs.count }, () => step);
    const fan = forEach('e', { items: params.days }, ({ item, index }) => {
      expectTypeOf(item).toEqualTypeOf<PipelineExpression<'string'>>();
      expectTypeOf(index).toEqualTypeOf<PipelineExpression<'int'>>();
      return { ...step, outputs: { rows: 'int' } };
    });
    expectTypeOf(fan.outputs.rows).toEqualTypeOf<PipelineExpression<'list<int>'>>();
    stage('f', { pipeline: churn, parameters: { region: 'eu', threshold: train.outputs.count } });
    // @ts-expect-error the parameter without a default is missing
    stage('g', { pipeline: churn, parameters: {} });
    // @ts-expect-error a text is not a number
    stage('h', { pipeline: churn, parameters: { region: 'eu', threshold: 'high' } });
    // @ts-expect-error a number is not a text
    stage('i', { pipeline: churn, parameters: { region: train.outputs.count } });
    // @ts-expect-error no such parameter
    stage('j', { pipeline: churn, parameters: { region: 'eu', treshold: 1 } });
    // @ts-expect-error no such output of the nested pipeline
    void stage('k', { pipeline: churn, parameters: { region: 'eu' } }).outputs.modle;
  });
  // @ts-expect-error the default has another type
  definePipeline({ name: 'x', parameters: { days: { type: 'int', default: 'seven' } } }, () => undefined);
  // @ts-expect-error the output has another type
  definePipeline({ name: 'x' }, ({ run }) => ({ id: { type: 'int', value: run.id } }));
}

/** What a run of a pipeline is given, and what it gives. */
export async function runs(pipelines: PipelineClient, untyped: SparkPipelineManifest): Promise<void> {
  const run = await pipelines.start(churn, { run: 'one', parameters: { region: 'eu', threshold: 0.5 } });
  const { outputs } = await run.result();
  expectTypeOf(outputs.model).toEqualTypeOf<string>();
  // @ts-expect-error no such output
  void outputs.modle;
  // @ts-expect-error the parameter without a default is missing
  await pipelines.start(churn);
  // @ts-expect-error the same
  await pipelines.start(churn, { parameters: { threshold: 0.5 } });
  // @ts-expect-error a text is not a number
  await pipelines.start(churn, { parameters: { region: 'eu', threshold: 'high' } });
  // @ts-expect-error no such parameter
  await pipelines.start(churn, { parameters: { region: 'eu', treshold: 0.5 } });
  // Of a manifest that was read from somewhere nothing is known before it is checked.
  await pipelines.start(untyped, { parameters: { anything: 1 } });
}
