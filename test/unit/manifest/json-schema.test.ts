import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applicationSchema, schemaFile, schemas, schemaText } from '../../../scripts/json-schema.ts';
import { application, fullYaml, problemsOf, schedule } from './manifests.ts';

const accepts = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(applicationSchema());

it.each(Object.entries(schemas))('schema/%s is what `node scripts/json-schema.ts` writes', async (name, schema) => {
  expect(await readFile(schemaFile(name), 'utf8')).toBe(await schemaText(schema()));
});

describe('schema/sparkapplication.json', () => {
  it('accepts what the parser accepts', () => {
    const generated = application({}, { generateName: 'a-' });
    for (const manifest of [application(), generated, schedule(), parse(fullYaml, { version: '1.1' })]) {
      expect(accepts(manifest), JSON.stringify(accepts.errors)).toBe(true);
    }
  });

  it.each([
    ['an unknown field', application({ driver: { corez: 1 } })],
    ['a wrong type', application({ arguments: [1] })],
    ['a wrong choice', application({ type: 'Cobol' })],
    ['a wrong format', application({ sparkVersion: '4.1' })],
    ['a number out of its range', application({ executor: { instances: 0 } })],
    ['a missing name', application({}, {})],
    ['another kind', { ...application(), kind: 'Pod' }],
    ['an application under the kind of a schedule', { ...application(), kind: 'ScheduledSparkApplication' }],
    ['a wrong field in a template', schedule({ template: { ...application().spec, mode: 1 } })],
  ])('refuses %s, as the parser does', (_, manifest) => {
    expect(accepts(manifest)).toBe(false);
    expect(problemsOf(manifest)).not.toEqual([]);
  });

  it('explains every field of the spec to an editor', () => {
    const { definitions } = applicationSchema() as {
      definitions: { SparkApplicationSpec: { properties: Record<string, { description?: string }> } };
    };
    const silent = Object.entries(definitions.SparkApplicationSpec.properties)
      .filter(([, { description }]) => !description)
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });
});
