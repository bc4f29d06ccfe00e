import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { checkTyped, type ExpressionScope } from './check-expressions.ts';
import { ExpressionTypes } from './expression.ts';
import { RUN_TYPES } from './expression-types.ts';
import { unknownName } from './unknown-name.ts';
import { isValueType } from './value-type.ts';

/** The defaults of a pipeline's parameters have the types of the parameters. */
export function checkParameters(spec: UnknownRecord, at: ProblemPath): Violation[] {
  const { pipeline: _, ...schema } = RUN_TYPES;
  const scope: ExpressionScope = { types: ExpressionTypes.of(schema), stages: [] };
  return Object.entries(asRecord(spec['parameters'])).flatMap(([name, parameter]) => {
    const { type, default: value } = asRecord(parameter);
    if (!isValueType(type) || value === undefined) return [];
    return checkTyped(value, type, [...at, 'parameters', name, 'default'], scope);
  });
}

/** The parameters that a stage or a schedule gives a pipeline: each exists and has its type, and none is missing. */
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
