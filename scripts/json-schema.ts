// Writes the JSON Schemas of manifests and of configuration files for editors, schema/*.json:
// `node scripts/json-schema.ts`.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import * as z from 'zod';
import { mayBeEmpty } from '../src/validation/empty-texts.ts';
import { findFormat } from '../src/validation/formats.ts';
import { scheduledSparkApplicationSchema, sparkApplicationSchema, sparkConnectSchema } from '../src/manifest/index.ts';
import { scheduledSparkPipelineSchema } from '../src/manifest/pipeline/scheduled-spark-pipeline.ts';
import { sparkPipelineSchema } from '../src/manifest/pipeline/spark-pipeline.ts';
import { defaultsSchema } from '../src/defaults/index.ts';
import { tenancySchema } from '../src/tenancy/index.ts';
import { templated } from './templated-schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema & { definitions?: Record<string, z.core.JSONSchema.BaseSchema> };

/** The JSON Schema of what a person writes of applications: one of the kinds, chosen by `kind`. */
export const applicationSchema = (): object =>
  either('SparkApplication or ScheduledSparkApplication, sparkoperator.k8s.io/v1beta2', {
    SparkApplication: toJsonSchema(sparkApplicationSchema),
    ScheduledSparkApplication: toJsonSchema(scheduledSparkApplicationSchema),
  });

/** The same of pipelines. */
export const pipelineSchema = (): object => {
  const { properties } = toJsonSchema(sparkApplicationSchema).definitions!['SparkApplicationSpec'] as JsonSchema;
  return either(
    'SparkPipeline or ScheduledSparkPipeline, temporal-spark/v1alpha1',
    {
      SparkPipeline: withApplications(toJsonSchema(sparkPipelineSchema)),
      ScheduledSparkPipeline: withApplications(toJsonSchema(scheduledSparkPipelineSchema)),
    },
    { SparkApplicationFields: templated({ type: 'object', properties, additionalProperties: false }) },
  );
};

/** The JSON Schema of Spark Connect sessions. */
export const connectSchema = (): object => {
  const { definitions, ...schema } = toJsonSchema(sparkConnectSchema);
  return { ...schema, title: 'SparkConnect, sparkoperator.k8s.io/v1alpha1', definitions };
};

/** The JSON Schema of a worker's tenancy configuration. */
export const tenancyJsonSchema = (): object => toJsonSchema(tenancySchema);

/** The JSON Schema of a worker's defaults configuration. */
export const defaultsJsonSchema = (): object => toJsonSchema(defaultsSchema);

/** Each schema by its file. */
export const schemas = {
  'sparkapplication.json': applicationSchema,
  'sparkconnect.json': connectSchema,
  'sparkpipeline.json': pipelineSchema,
  'tenancy.json': tenancyJsonSchema,
  'defaults.json': defaultsJsonSchema,
};

export const schemaFile = (name: string): URL => new URL(`../schema/${name}`, import.meta.url);

/** A file's content, as .prettierrc.json has it: with tabs, because blanks were a sixth of each file. */
export const schemaText = (schema: object): Promise<string> =>
  format(JSON.stringify(schema), { parser: 'json', printWidth: 160, useTabs: true });

/** One kind or its scheduled twin. */
function either(title: string, kinds: Readonly<Record<string, JsonSchema>>, definitions: object = {}): object {
  const [plain, scheduled] = Object.keys(kinds) as [string, string];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { kind: { enum: [plain, scheduled] } },
    if: { required: ['kind'], properties: { kind: { const: scheduled } } },
    then: { $ref: `#/definitions/${scheduled}` },
    else: { $ref: `#/definitions/${plain}` },
    definitions: {
      ...kinds[plain]!.definitions,
      ...kinds[scheduled]!.definitions,
      ...definitions,
      ...Object.fromEntries(Object.entries(kinds).map(([kind, schema]) => [kind, withoutMeta(schema)])),
    },
  };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema, zodSchema }) => {
      if (mayBeEmpty(zodSchema)) allowEmpty(jsonSchema);
      // Names of our own formats mean nothing to an editor; their explanation does.
      const { format } = jsonSchema;
      const grammar = format === undefined ? undefined : findFormat(format);
      if (grammar === undefined) return;
      delete jsonSchema.format;
      jsonSchema.description = [jsonSchema.description, `Allowed: ${grammar.allowed}.`].filter(Boolean).join(' ');
    },
  });
}

/** In an optional field an empty text counts as absent. */
function allowEmpty(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.anyOf !== undefined) return schema.anyOf.forEach((each) => allowEmpty(each));
  if (schema.type !== 'string') return;
  delete schema.minLength;
  if (schema.pattern !== undefined) schema.pattern = `^$|${schema.pattern}`;
}

/**
 * What zod cannot express: that a dependency may be a name alone, and what an application may hold where any
 * text may be an expression, and a template may leave to stages what they lay over it.
 */
function withApplications(schema: JsonSchema): JsonSchema {
  const { SparkPipelineSpec, PipelineStage } = schema.definitions as Record<string, { properties: Properties }>;
  const stage = PipelineStage!.properties;
  const applications = [SparkPipelineSpec!.properties['templates']!['additionalProperties'], stage['application']];
  for (const application of applications as { properties: Properties }[]) {
    application.properties['spec'] = { $ref: '#/definitions/SparkApplicationFields' };
  }
  const { description } = stage['overrides']!;
  stage['overrides'] = { description, allOf: [{ $ref: '#/definitions/SparkApplicationFields' }] };
  const { dependsOn } = stage;
  dependsOn!['items'] = { anyOf: [{ type: 'string' }, dependsOn!['items']] };
  return schema;
}

type Properties = Record<string, Record<string, unknown>>;

function withoutMeta({ $schema: _, definitions: __, ...schema }: JsonSchema): object {
  return schema;
}

if (import.meta.main) {
  for (const [name, schema] of Object.entries(schemas)) await writeFile(schemaFile(name), await schemaText(schema()));
}
