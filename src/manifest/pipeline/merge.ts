import { isRecord } from '../../validation/unknown-data.ts';
import type { ApplicationTemplate, PipelineStage, SparkPipelineSpec } from './types.ts';

/** The application of a stage before its expressions are evaluated; undefined where the stage is something else. */
export function applicationOf(
  stage: PipelineStage,
  { templates = {} }: Pick<SparkPipelineSpec, 'templates'>,
): ApplicationTemplate | undefined {
  const { application, template, overrides } = stage;
  const base = application ?? (template === undefined ? undefined : templates[template]);
  if (base === undefined || overrides === undefined) return base;
  return { ...base, spec: merge(base.spec, overrides) as ApplicationTemplate['spec'] };
}

/** JSON Merge Patch (RFC 7386) without removal: maps are merged, anything else is replaced. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  return {
    ...base,
    ...Object.fromEntries(
      Object.entries(over).map(([key, value]) => [key, Object.hasOwn(base, key) ? merge(base[key], value) : value]),
    ),
  };
}
