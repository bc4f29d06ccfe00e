import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
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
