/**
 * Rules of a whole pipeline. They read it as unknown data: they also run where its structure is wrong, so that all
 * problems are reported at once.
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
import { checkParameters, checkParametersGiven } from './check-parameters.ts';
import { checkSemaphores } from './check-semaphores.ts';
import { checkSize } from './check-size.ts';
import { checkWork } from './check-work.ts';
import { ExpressionTypes, type TypeSchema } from './expression.ts';
import { parameterTypes, RUN_TYPES, stageType, withItem } from './expression-types.ts';
import { ancestorsOf, findCycles } from './graph.ts';
import { applicationOf } from './merge.ts';
import { onlyExpression } from './template.ts';
import type { PipelineStage } from './types.ts';
import { isValueType } from './value-type.ts';
import { present } from '../../validation/present.ts';

export function checkSparkPipeline(manifest: unknown, context: z.core.$RefinementCtx<unknown>): void {
  const { metadata, spec } = asRecord(manifest);
  const violations = [...checkMetadata(metadata), ...checkSized(spec, ['spec'])];
  // A template that many stages use is reported once.
  const seen = new Set<string>();
  report(
    context,
    violations.filter(({ path, message }) => {
      const key = JSON.stringify([path, message]);
      return !seen.has(key) && seen.add(key);
    }),
  );
}

/** The rules of a pipeline; one that is too large has no further problems, because to find them would take too long. */
export function checkSized(spec: unknown, at: ProblemPath): Violation[] {
  const tooLarge = checkSize(spec, at);
  if (tooLarge.length > 0) return tooLarge;
  return [...checkSemaphores(asRecord(spec), at), ...checkSpec(asRecord(spec), at)];
}

interface StageScope extends ExpressionScope {
  readonly refusals?: FindRefusals | undefined;
}

/** The rules of a `spec`, including one that is nested in a stage. */
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
        ...present({ ancestors: ancestorsOfStage }),
      });
    }),
    ...Object.entries(asRecord(spec['outputs'])).flatMap(([name, output]) => {
      const { type, value } = asRecord(output);
      const scope = { types, stages: named.map(({ name }) => name) };
      return isValueType(type) ? checkTyped(value, type, [...at, 'outputs', name, 'value'], scope) : [];
    }),
  ];
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

function checkWhen(when: string, path: ProblemPath, scope: ExpressionScope): Violation[] {
  const expression = onlyExpression(when) ?? when;
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
  const tooLarge = checkSize(pipeline, [...at, 'pipeline']);
  if (tooLarge.length > 0) return tooLarge;
  return [
    ...checkSpec(pipeline, [...at, 'pipeline'], scope.refusals),
    ...checkParametersGiven(pipeline, parameters, [...at, 'parameters'], scope),
  ];
}
