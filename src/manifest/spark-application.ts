import * as z from 'zod';
import { withDefaults, type SparkApplicationSpec } from './defaults.ts';
import type { SparkApplicationManifest } from './manifest-types.ts';
import { checkedMetadata, metadata, type Metadata } from './metadata.ts';
import { checkSparkApplication } from './spec-rules.ts';
import { sparkApplicationSpec } from './spark-application-spec.ts';

export const API_VERSION = 'sparkoperator.k8s.io/v1beta2';

/** Runs even where the structure is wrong, so that all problems of a manifest are found at once. */
const always = { when: () => true };

/**
 * `SparkApplication` of `sparkoperator.k8s.io/v1beta2`. Input: the manifest as written. Output: quantities as strings,
 * the operator's defaults applied, `status` and server-side metadata dropped.
 */
export const sparkApplicationSchema: z.ZodType<SparkApplication, SparkApplicationManifest> = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('SparkApplication'),
    metadata,
    spec: sparkApplicationSpec,
    status: z.unknown().exactOptional(),
  })
  .superRefine(checkSparkApplication, always)
  .transform(({ apiVersion, kind, metadata, spec }): SparkApplication => ({
    apiVersion,
    kind,
    metadata: checkedMetadata(metadata),
    spec: withDefaults(spec),
  }));

/** A checked application: defaults applied, named, in a namespace. Plain JSON. */
export interface SparkApplication {
  apiVersion: typeof API_VERSION;
  kind: 'SparkApplication';
  metadata: Metadata;
  spec: SparkApplicationSpec;
}
