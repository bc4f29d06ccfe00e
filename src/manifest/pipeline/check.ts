/**
 * Rules of a whole pipeline. They read it as unknown data, because they run also where its structure is wrong, so that
 * everything that is wrong is told at once.
 *
 * @module
 */
import type * as z from 'zod';
import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { checkMetadata, report } from '../spec-rules.ts';
import { asList, asRecord, asText, isRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { checkApplication, type FindRefusals } from './check-application.ts';
import { checkExpressions, checkTyped, type ExpressionScope } from './check-expressions.ts';
import { checkGraph } from './check-graph.ts';
import { checkSemaphores } from './check-semaphores.ts';
import { ExpressionTypes, type TypeSchema } from './expression.ts';
import { ancestorsOf, findCycles } from './graph.ts';
import { applicationOf } from './merge.ts';
import { wholeExpression } from './template.ts';
import { unknownName } from './unknown-name.ts';
import { bytesText, jsonBytes, MANIFEST_LIMIT, STAGE_BYTES } from './size.ts';
import type { PipelineStage } from './types.ts';
import { elementType, isOfType, VALUE_TYPES, type ValueType } from './value-type.ts';

const WORK = [
  'application',
  'applicationFile',
  'template',
  'pipeline',
  'pipelineFile',
  'workflow',
  'activity',
] as const satisfies readonly (keyof PipelineStage)[];

export function checkSparkPipeline(manifest: unknown, context: z.core.$RefinementCtx<unknown>): void {
  const { metadata, spec } = asRecord(manifest);
  const violations = [
    ...checkMetadata(metadata),
    ...checkSize(spec),
    ...checkSemaphores(asRecord(spec), ['spec']),
    ...checkSpec(asRecord(spec), ['spec']),
  ];
  // One template of many stages is wrong once.
  const seen = new Set<string>();
  report(
    context,
    violations.filter(({ path, message }) => {
      const key = JSON.stringify([path, message]);
      return !seen.has(key) && seen.add(key);
    }),
  );
}

/** A run has to be able to hand its manifest, and how each stage stands, to the one that continues it. */
export function checkSize(spec: unknown, at: ProblemPath = ['spec']): Violation[] {
  const stages = asList(asRecord(spec)['stages']).length;
  const bytes = jsonBytes(spec) + stages * STAGE_BYTES;
  if (bytes <= MANIFEST_LIMIT) return [];
  return [
    {
      path: at,
      code: 'too_large',
      message: `takes ${bytesText(bytes)}, the state of its ${stages} stages included; at most ${bytesText(MANIFEST_LIMIT)} are possible`,
      remedy: 'make stages that are alike a fan-out or share a template, or make some of them a pipeline of their own',
    },
  ];
}

interface StageScope extends ExpressionScope {
  readonly refusals?: FindRefusals | undefined;
}

/** The rules of `spec`, of one that is nested in a stage too. */
export function checkSpec(spec: UnknownRecord, at: ProblemPath, refusals?: FindRefusals): Violation[] {
  const stages = asList(spec['stages']).map((stage) => asRecord(stage));
  const named = stages.filter(({ name }) => typeof name === 'string') as unknown as PipelineStage[];
  const graph = checkGraph(stages, [...at, 'stages']);
  const ancestors = findCycles(named).length === 0 ? ancestorsOf(named) : new Map<string, ReadonlySet<string>>();
  const parameters = parameterTypes(spec);
  const common: TypeSchema = {
    params: parameters,
    stages: Object.fromEntries(named.map((stage) => [stage.name, stageType(stage)])),
    ...RUN_TYPES,
  };
  const types = ExpressionTypes.of(common);
  return [
    ...checkParameters(spec, at),
    ...graph,
    ...stages.flatMap((stage, index) => {
      const ancestorsOfStage = stage['always'] === true ? undefined : ancestors.get(asText(stage['name']) ?? '');
      return checkStage(stage, [...at, 'stages', index], spec, at, {
        types,
        stages: named.map(({ name }) => name),
        refusals,
        ...(ancestorsOfStage === undefined ? {} : { ancestors: ancestorsOfStage }),
      });
    }),
    ...Object.entries(asRecord(spec['outputs'])).flatMap(([name, output]) => {
      const { type, value } = asRecord(output);
      const scope = { types, stages: named.map(({ name }) => name) };
      return isValueType(type) ? checkTyped(value, type, [...at, 'outputs', name, 'value'], scope) : [];
    }),
  ];
}

const RUN_TYPES: TypeSchema = {
  schedule: { time: 'string', date: 'string' },
  run: { id: 'string', workflowId: 'string' },
  pipeline: { name: 'string', namespace: 'string' },
};

function checkParameters(spec: UnknownRecord, at: ProblemPath): Violation[] {
  const { pipeline: _, ...schema } = RUN_TYPES;
  const scope: ExpressionScope = { types: ExpressionTypes.of(schema), stages: [] };
  return Object.entries(asRecord(spec['parameters'])).flatMap(([name, parameter]) => {
    const { type, default: value } = asRecord(parameter);
    if (!isValueType(type) || value === undefined) return [];
    return checkTyped(value, type, [...at, 'parameters', name, 'default'], scope);
  });
}

function checkStage(
  stage: UnknownRecord,
  at: ProblemPath,
  spec: UnknownRecord,
  specAt: ProblemPath,
  scope: StageScope,
): Violation[] {
  const { when, forEach, workflow, activity } = stage;
  // Whether a stage runs, and over what, is decided before there is an item.
  const ofItem: StageScope = { ...scope, types: withItem(scope.types, stage, scope) };
  return [
    ...checkWork(stage, at, spec),
    ...(typeof when === 'string' ? checkWhen(when, [...at, 'when'], scope) : []),
    ...checkForEach(asRecord(forEach), [...at, 'forEach'], scope),
    ...['workflow', 'activity'].flatMap((kind) =>
      checkExpressions(asRecord(kind === 'workflow' ? workflow : activity), [...at, kind], ofItem),
    ),
    ...checkStageApplication(stage, at, spec, specAt, ofItem),
    ...checkNested(stage, at, ofItem),
  ];
}

function checkWork(stage: UnknownRecord, at: ProblemPath, { templates }: UnknownRecord): Violation[] {
  const given = WORK.filter((field) => stage[field] !== undefined);
  if (given.length !== 1) {
    return [
      {
        path: given.length === 0 ? at : [...at, given[1]!],
        code: given.length === 0 ? 'required' : 'exclusive',
        message: given.length === 0 ? 'does not say what it runs' : `can't stand beside ${given[0]}`,
        allowed: `exactly one of ${WORK.join(', ')}`,
      },
    ];
  }
  const [work] = given;
  const violations: Violation[] = [];
  if (work === 'template' && typeof stage['template'] === 'string') {
    const names = Object.keys(asRecord(templates));
    if (!names.includes(stage['template'])) {
      violations.push(unknownName([...at, 'template'], 'is not one of spec.templates', stage['template'], names));
    }
  }
  if (work === 'applicationFile' || work === 'pipelineFile') {
    violations.push({
      path: [...at, work],
      code: 'unresolved_file',
      message: 'was not read before the manifest came here',
      remedy: 'start the pipeline with the CLI, which reads it, or put its content here',
    });
  }
  const only = (field: string, allowed: readonly string[]): void => {
    if (stage[field] === undefined || allowed.includes(work!)) return;
    violations.push({
      path: [...at, field],
      code: 'not_supported',
      message: `has no meaning for a stage with ${work}`,
      allowed: `only beside ${allowed.join(' or ')}`,
    });
  };
  only('overrides', ['template', 'applicationFile']);
  only('parameters', ['pipeline', 'pipelineFile']);
  only('terminateAfterSeconds', ['workflow', 'activity']);
  only('outputsFrom', ['application', 'applicationFile', 'template']);
  if (stage['outputsFrom'] !== undefined && stage['outputs'] === undefined) {
    violations.push({
      path: [...at, 'outputsFrom'],
      code: 'required',
      message: 'has no meaning without outputs',
      remedy: 'say their names and types in outputs',
    });
  }
  if (work === 'pipeline' || work === 'pipelineFile') {
    if (stage['outputs'] !== undefined) {
      violations.push({
        path: [...at, 'outputs'],
        code: 'not_supported',
        message: 'has no meaning for a nested pipeline',
        remedy: 'the outputs of the nested pipeline are those of the stage',
      });
    }
  }
  return violations;
}

function checkWhen(when: string, path: ProblemPath, scope: ExpressionScope): Violation[] {
  const expression = wholeExpression(when) ?? when;
  const violations = checkTyped(`\${{ ${expression} }}`, 'bool', path, scope);
  return violations.length === 0 && expression.trim() === 'false'
    ? [{ path, code: 'unreachable', message: 'is always false: the stage can never run', remedy: 'remove the stage' }]
    : violations;
}

function checkForEach(forEach: UnknownRecord, at: ProblemPath, scope: ExpressionScope): Violation[] {
  if (Object.keys(forEach).length === 0) return [];
  const { items, range } = forEach;
  if ((items === undefined) === (range === undefined)) {
    return [
      { path: at, code: 'exclusive', message: 'needs a list or a range', allowed: 'exactly one of items and range' },
    ];
  }
  if (items !== undefined) return checkTyped(items, 'list', [...at, 'items'], scope);
  const { from, to, step } = asRecord(range);
  return [
    ...Object.entries({ from, to }).flatMap(([name, value]) =>
      value === undefined ? [] : checkTyped(value, 'int', [...at, 'range', name], scope),
    ),
    ...(step === 0
      ? [{ path: [...at, 'range', 'step'], code: 'not_allowed', message: 'must not be 0: the range would have no end' }]
      : []),
  ];
}

function checkStageApplication(
  stage: UnknownRecord,
  at: ProblemPath,
  spec: UnknownRecord,
  specAt: ProblemPath,
  scope: StageScope,
): Violation[] {
  const typed = stage as unknown as PipelineStage;
  const { application, template, overrides } = typed;
  const origin: ProblemPath =
    application === undefined ? [...specAt, 'templates', template ?? ''] : [...at, 'application'];
  const written = isRecord(application) ? application : asRecord(spec['templates'])[template ?? ''];
  if (!isRecord(written) || !isRecord(written['spec'])) return [];
  return [
    ...checkExpressions(written, origin, scope),
    ...checkExpressions(overrides, [...at, 'overrides'], scope),
    ...checkApplication(asRecord(applicationOf(typed, spec)), {
      origin,
      ...(isRecord(overrides) ? { overrides: { at: [...at, 'overrides'], value: overrides } } : {}),
      stage: at,
      typeOf: scope.types,
      refusals: scope.refusals,
    }),
  ];
}

function checkNested({ pipeline, parameters }: UnknownRecord, at: ProblemPath, scope: StageScope): Violation[] {
  if (!isRecord(pipeline)) return [];
  return [
    ...checkSpec(pipeline, [...at, 'pipeline'], scope.refusals),
    ...checkParametersGiven(pipeline, parameters, [...at, 'parameters'], scope),
  ];
}

/** Parameters that somebody gives a pipeline: each exists and has its type, and none is missing. */
export function checkParametersGiven(
  pipeline: UnknownRecord,
  parameters: unknown,
  at: ProblemPath,
  scope: ExpressionScope,
): Violation[] {
  const given = asRecord(parameters);
  const declared = asRecord(pipeline['parameters']);
  return [
    ...Object.entries(given).flatMap(([name, value]) => {
      const path = [...at, name];
      const { type } = asRecord(declared[name]);
      if (declared[name] === undefined) {
        return [unknownName(path, 'is not a parameter of the pipeline', name, Object.keys(declared))];
      }
      return isValueType(type) ? checkTyped(value, type, path, scope) : [];
    }),
    ...Object.entries(declared)
      .filter(([name, parameter]) => given[name] === undefined && asRecord(parameter)['default'] === undefined)
      .map(([name]) => ({ path: [...at, name], code: 'required', message: 'is required by the pipeline' })),
  ];
}

function withItem(types: ExpressionTypes, stage: UnknownRecord, scope: ExpressionScope): ExpressionTypes {
  const { items } = asRecord(stage['forEach']);
  if (!isRecord(stage['forEach'])) return types;
  return types.with({ item: itemType(items, scope), index: 'int' });
}

function itemType(items: unknown, { types }: ExpressionScope): string {
  if (items === undefined) return 'int';
  if (typeof items === 'string') {
    const checked = types.check(wholeExpression(items) ?? '');
    return ('type' in checked ? elementType(checked.type) : undefined) ?? 'dyn';
  }
  const first = (['string', 'int', 'double', 'bool'] as const).find((type) => isOfType(items, `list<${type}>`));
  return asList(items).some((item) => typeof item === 'string' && item.includes('${{')) ? 'dyn' : (first ?? 'dyn');
}

function parameterTypes(spec: UnknownRecord): TypeSchema {
  return Object.fromEntries(
    Object.entries(asRecord(spec['parameters'])).flatMap(([name, parameter]) => {
      const { type } = asRecord(parameter);
      return isValueType(type) ? [[name, type]] : [[name, 'dyn']];
    }),
  );
}

/** What expressions may know of a stage. */
function stageType(stage: PipelineStage): TypeSchema {
  const many = isRecord(stage.forEach);
  const outputs = outputTypes(stage).map(([name, type]) => [name, many ? listOf(type) : type]);
  return { state: 'string', message: 'string', outputs: Object.fromEntries(outputs) as TypeSchema };
}

function outputTypes({ outputs, pipeline }: PipelineStage): [string, string][] {
  if (isRecord(pipeline)) {
    return Object.entries(asRecord(pipeline['outputs'])).map(([name, output]) => {
      const { type } = asRecord(output);
      return [name, isValueType(type) ? type : 'dyn'];
    });
  }
  return Object.entries(asRecord(outputs)).map(([name, type]) => [name, isValueType(type) ? type : 'dyn']);
}

function listOf(type: string): string {
  return ['string', 'int', 'double', 'bool'].includes(type) ? `list<${type}>` : 'list';
}

function isValueType(type: unknown): type is ValueType {
  return VALUE_TYPES.some((known) => known === type);
}
