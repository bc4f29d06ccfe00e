import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { pipelineSchema } from '../../../scripts/json-schema.ts';
import { manifestTypes, manifestTypesFile } from '../../../scripts/manifest-types.ts';
import type { SparkApplicationManifest, SparkApplicationManifestSpec } from '../../../src/manifest/index.ts';
import type { inferredSpec } from '../../../src/manifest/spark-application-spec.ts';

type Inferred = z.input<typeof inferredSpec>;

it('the types of manifests are those that scripts/manifest-types.ts writes', async () => {
  expect(await manifestTypes()).toBe(readFileSync(manifestTypesFile, 'utf8'));
});

it('what is written of an application has the same type as zod infers, both ways', () => {
  expectTypeOf<SparkApplicationManifestSpec>().toExtend<Inferred>();
  expectTypeOf<Inferred>().toExtend<SparkApplicationManifestSpec>();
  expectTypeOf<SparkApplicationManifestSpec<string>>().toExtend<z.output<typeof inferredSpec>>();
  expectTypeOf<z.output<typeof inferredSpec>>().toExtend<SparkApplicationManifestSpec<string>>();
});

it('an application of unknown or missing fields does not compile', () => {
  const metadata = { name: 'pi' };
  const spec = { sparkVersion: '4.1.4', mainApplicationFile: 'local:///pi.jar', driver: { cores: 1 }, executor: {} };
  const manifest = { apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'SparkApplication', metadata, spec } as const;
  expectTypeOf(manifest).toExtend<SparkApplicationManifest>();
  // @ts-expect-error cores is a number
  const driver: SparkApplicationManifestSpec['driver'] = { cores: '1' };
  // @ts-expect-error no executor has this field
  const executor: SparkApplicationManifestSpec['executor'] = { core: 1 };
  expect([driver, executor]).toHaveLength(2);
});

/** The interfaces of a file and the objects inside, each with its fields and whether those have a comment. */
function interfacesOf(file: string): Map<string, Map<string, boolean>> {
  const text = readFileSync(new URL(`../../../src/manifest/pipeline/${file}`, import.meta.url), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const interfaces = new Map<string, Map<string, boolean>>();
  const visit = (name: string, { members }: { readonly members: readonly ts.TypeElement[] }): void => {
    const fields = members.filter(ts.isPropertySignature);
    const hasComment = (field: ts.Node) => ts.getJSDocCommentsAndTags(field).length > 0;
    interfaces.set(name, new Map(fields.map((field) => [field.name.getText(), hasComment(field)])));
    for (const { name: field, type } of fields) {
      if (type && ts.isTypeLiteralNode(type)) visit(`${name}.${field.getText()}`, type);
    }
  };
  for (const each of source.statements) if (ts.isInterfaceDeclaration(each)) visit(each.name.text, each);
  return interfaces;
}

it.each(['types.ts', 'scheduled-spark-pipeline.ts'])('every field of a manifest in %s has a comment', (file) => {
  const written = [...interfacesOf(file)].filter(([name]) => !/^(Scheduled)?SparkPipeline$|\.range$/.test(name));
  const silent = written.flatMap(([name, fields]) =>
    [...fields].filter(([, hasComment]) => !hasComment).map(([field]) => `${name}.${field}`),
  );
  expect(silent).toEqual([]);
});

it.each([
  ['SparkPipelineSpec', 'types.ts', ['SparkPipelineSpec']],
  ['PipelineStage', 'types.ts', ['PipelineStage']],
  [
    'ScheduledSparkPipelineManifest.spec',
    'scheduled-spark-pipeline.ts',
    ['ScheduledSparkPipeline', 'properties', 'spec'],
  ],
])('%s has the fields of its schema', (name, file, path) => {
  type Schema = Readonly<Record<string, object>>;
  const { definitions } = pipelineSchema() as { definitions: Schema };
  const { properties } = path.reduce((schema, key) => schema[key] as Schema, definitions);
  expect([...interfacesOf(file).get(name)!.keys()].sort()).toEqual(Object.keys(properties!).sort());
});
