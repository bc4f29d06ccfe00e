// Writes schema/sparkapplication.json, the JSON Schema of manifests for editors: `node scripts/json-schema.ts`.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import * as z from 'zod';
import { findFormat } from '../src/manifest/formats.ts';
import { scheduledSparkApplicationSchema, sparkApplicationSchema } from '../src/manifest/index.ts';

export const schemaFile = new URL('../schema/sparkapplication.json', import.meta.url);

/** The JSON Schema of what a person writes: one of the kinds, chosen by `kind`. */
export function jsonSchema(): object {
  const application = toJsonSchema(sparkApplicationSchema);
  const scheduled = toJsonSchema(scheduledSparkApplicationSchema);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'SparkApplication or ScheduledSparkApplication, sparkoperator.k8s.io/v1beta2',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { kind: { enum: ['SparkApplication', 'ScheduledSparkApplication'] } },
    if: { required: ['kind'], properties: { kind: { const: 'ScheduledSparkApplication' } } },
    then: { $ref: '#/definitions/ScheduledSparkApplication' },
    else: { $ref: '#/definitions/SparkApplication' },
    definitions: {
      ...application.definitions,
      ...scheduled.definitions,
      SparkApplication: withoutMeta(application),
      ScheduledSparkApplication: withoutMeta(scheduled),
    },
  };
}

type JsonSchema = z.core.JSONSchema.BaseSchema & { definitions?: Record<string, z.core.JSONSchema.BaseSchema> };

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // Names of our own formats mean nothing to an editor; their explanation does.
      const { format } = jsonSchema;
      const grammar = format === undefined ? undefined : findFormat(format);
      if (grammar === undefined) return;
      delete jsonSchema.format;
      jsonSchema.description = [jsonSchema.description, `Allowed: ${grammar.allowed}.`].filter(Boolean).join(' ');
    },
  });
}

function withoutMeta({ $schema: _, definitions: __, ...schema }: JsonSchema): object {
  return schema;
}

/** The file's content. */
export const schemaText = (): Promise<string> =>
  format(JSON.stringify(jsonSchema()), { parser: 'json', printWidth: 120 });

if (import.meta.main) await writeFile(schemaFile, await schemaText());
