/**
 * The types of what expressions can name.
 *
 * @module
 */
import { asList, asRecord, isRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import type { ExpressionScope } from './check-expressions.ts';
import type { ExpressionTypes, TypeSchema } from './expression.ts';
import { onlyExpression } from './template.ts';
import type { PipelineStage } from './types.ts';
import { elementType, isOfType, isValueType } from './value-type.ts';

/** Of a run, in every expression. */
export const RUN_TYPES: TypeSchema = {
  schedule: { time: 'string', date: 'string' },
  run: { id: 'string', workflowId: 'string' },
  pipeline: { name: 'string', namespace: 'string' },
};

/** As `types`; in a stage with `forEach`, with its item and index too. */
export function withItem(types: ExpressionTypes, stage: UnknownRecord, scope: ExpressionScope): ExpressionTypes {
  const { items } = asRecord(stage['forEach']);
  if (!isRecord(stage['forEach'])) return types;
  return types.with({ item: itemType(items, scope), index: 'int' });
}

function itemType(items: unknown, { types }: ExpressionScope): string {
  if (items === undefined) return 'int';
  if (typeof items === 'string') {
    const checked = types.check(onlyExpression(items) ?? '');
    return ('type' in checked ? elementType(checked.type) : undefined) ?? 'dyn';
  }
  const first = (['string', 'int', 'double', 'bool'] as const).find((type) => isOfType(items, `list<${type}>`));
  return asList(items).some((item) => typeof item === 'string' && item.includes('${{')) ? 'dyn' : (first ?? 'dyn');
}

/** The parameters of a pipeline; `dyn` where a type is not valid. */
export function parameterTypes(spec: UnknownRecord): TypeSchema {
  return Object.fromEntries(
    Object.entries(asRecord(spec['parameters'])).flatMap(([name, parameter]) => {
      const { type } = asRecord(parameter);
      return isValueType(type) ? [[name, type]] : [[name, 'dyn']];
    }),
  );
}

/** What expressions can read of a stage. */
export function stageType(stage: PipelineStage): TypeSchema {
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
