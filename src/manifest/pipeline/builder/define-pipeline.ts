import { PIPELINE_API_VERSION, type PipelineStage, type SparkPipelineManifest } from '../types.ts';
import { onlyExpression } from '../template.ts';
import type { ValueType } from '../value-type.ts';
import { expression, member, type PipelineExpression } from './typed-expression.ts';
import type {
  FittingOutputs,
  ItemOf,
  Items,
  Lists,
  NestedStage,
  None,
  OutputDeclarations,
  ParameterDeclarations,
  PipelineDefinition,
  StageCondition,
  StageHandle,
  TypedPipeline,
  Types,
  TypesOf,
  WorkStage,
} from './typed-pipeline.ts';
import { present } from '../../../validation/present.ts';

/** What the function that declares the stages of a pipeline receives. */
export interface PipelineTools<P extends ParameterDeclarations, Template extends string> {
  readonly params: { readonly [K in keyof P]: PipelineExpression<P[K]['type']> };
  /** When the run was due, as RFC 3339 and as a day. */
  readonly schedule: { readonly time: PipelineExpression<'string'>; readonly date: PipelineExpression<'string'> };
  readonly run: { readonly id: PipelineExpression<'string'>; readonly workflowId: PipelineExpression<'string'> };
  /** Declares a stage. */
  readonly stage: {
    <O extends Types = None>(name: string, stage: WorkStage<Template, O>): StageHandle<O>;
    <N extends ParameterDeclarations, O extends Types, Given>(
      name: string,
      stage: NestedStage<N, O, Given>,
    ): StageHandle<O>;
  };
  /** Declares a stage that runs once for each item; its outputs are lists. */
  readonly forEach: {
    <I extends Items, O extends Types = None>(
      name: string,
      items: I,
      stage: (each: Each<I>) => WorkStage<Template, O>,
    ): StageHandle<Lists<O>>;
    <I extends Items, N extends ParameterDeclarations, O extends Types, Given>(
      name: string,
      items: I,
      stage: (each: Each<I>) => NestedStage<N, O, Given>,
    ): StageHandle<Lists<O>>;
  };
}

interface Each<I extends Items> {
  readonly item: PipelineExpression<ItemOf<I>>;
  /** From 0. */
  readonly index: PipelineExpression<'int'>;
}

/**
 * A pipeline in TypeScript: returns the same manifest that YAML would describe, for every use of a manifest. A stage is
 * referenced by the handle that its declaration returns, so a stage, an output or a parameter that does not exist, or
 * has another type, does not compile. What types cannot express is checked when the pipeline starts.
 *
 * ```ts
 * const churn = definePipeline(
 *   { name: 'churn', parameters: { threshold: { type: 'double', default: 0.9 } }, templates: { ml } },
 *   ({ params, stage }) => {
 *     const train = stage('train', { template: 'ml', outputs: { accuracy: 'double', model: 'string' } });
 *     stage('score', {
 *       dependsOn: [train],
 *       when: cel`${train.outputs.accuracy} >= ${params.threshold}`,
 *       template: 'ml',
 *       overrides: { arguments: ['score', train.outputs.model] },
 *     });
 *     return { model: { type: 'string', value: train.outputs.model } };
 *   },
 * );
 * ```
 *
 * @param stages declares the stages, in any order that names none before it is declared; returns the outputs
 */
export function definePipeline<
  P extends ParameterDeclarations = None,
  Template extends string = never,
  O extends OutputDeclarations = None,
>(
  definition: PipelineDefinition<P, Template>,
  stages: (tools: PipelineTools<P, Template>) => (O & FittingOutputs<O>) | void,
): TypedPipeline<P, TypesOf<O>> {
  const { name, namespace, labels, annotations, parameters, ...spec } = definition;
  const declared: PipelineStage[] = [];
  const outputs = stages(toolsOf(parameters, declared));
  const manifest: SparkPipelineManifest = {
    apiVersion: PIPELINE_API_VERSION,
    kind: 'SparkPipeline',
    metadata: {
      name,
      ...present({ namespace, labels, annotations }),
    },
    spec: {
      ...spec,
      ...present({ parameters }),
      stages: declared,
      ...present({ outputs }),
    },
  };
  return manifest as TypedPipeline<P, TypesOf<O>>;
}

function toolsOf<P extends ParameterDeclarations, Template extends string>(
  parameters: P | undefined,
  declared: PipelineStage[],
): PipelineTools<P, Template> {
  const declare = (name: string, stage: AnyStage, forEach?: Items): StageHandle => {
    const { pipeline, dependsOn, when, ...fields } = stage;
    declared.push({
      name,
      ...present({
        dependsOn: dependsOn?.map(dependency),
        when: when === undefined ? undefined : (onlyExpression(when) ?? when),
        forEach,
      }),
      ...fields,
      ...present({ pipeline: pipeline?.spec }),
    });
    return handleOf(name, Object.keys(pipeline?.spec.outputs ?? stage.outputs ?? {}));
  };
  const each: Each<Items> = { item: expression('item'), index: expression('index') };
  const tools = {
    params: references('params', Object.keys(parameters ?? {})),
    schedule: references('schedule', ['time', 'date']),
    run: references('run', ['id', 'workflowId']),
    stage: (name: string, stage: AnyStage) => declare(name, stage),
    forEach: (name: string, items: Items, stage: (given: Each<Items>) => AnyStage) => declare(name, stage(each), items),
  };
  // The types of `definePipeline` define the names and their types.
  return tools as unknown as PipelineTools<P, Template>;
}

/** A stage of either kind, as it is at run time. */
type AnyStage = Omit<PipelineStage, 'name' | 'dependsOn' | 'pipeline'> & {
  readonly dependsOn?: readonly (StageHandle | StageCondition)[];
  readonly pipeline?: TypedPipeline;
};

function dependency(needed: StageHandle | StageCondition): NonNullable<PipelineStage['dependsOn']>[number] {
  return 'stage' in needed ? needed : needed.name;
}

function handleOf(name: string, outputs: readonly string[]): StageHandle {
  const stage = member('stages', name);
  return {
    name,
    outputs: references(`${stage}.outputs`, outputs),
    state: expression(`${stage}.state`),
    message: expression(`${stage}.message`),
    failed: { stage: name, condition: 'failed' } as StageCondition,
    completed: { stage: name, condition: 'completed' } as StageCondition,
  };
}

function references(variable: string, names: readonly string[]): Record<string, PipelineExpression<ValueType>> {
  return Object.fromEntries(names.map((name) => [name, expression(member(variable, name))]));
}
