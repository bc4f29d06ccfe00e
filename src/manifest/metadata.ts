import * as z from 'zod';
import { emptyAsAbsent } from '../validation/empty-texts.ts';
import { formatted } from '../validation/formats.ts';
import { present } from '../validation/present.ts';

const ignored = z.unknown().exactOptional().describe('Has no effect here.');

const metadataFields = z
  .strictObject({
    name: formatted('dns-1035-label').exactOptional().describe('Name of the application or the pipeline.'),
    generateName: formatted('dns-1035-prefix')
      .exactOptional()
      .describe('Beginning of a name, to be completed at random.'),
    namespace: formatted('dns-1123-label').exactOptional().describe('Namespace of the pods. Default: default.'),
    labels: z
      .record(formatted('label-key'), formatted('label-value'))
      .exactOptional()
      .describe('Labels, also of the pods.'),
    annotations: z.record(formatted('label-key'), z.string()).exactOptional().describe('Annotations.'),
    uid: ignored,
    resourceVersion: ignored,
    generation: ignored,
    creationTimestamp: ignored,
    deletionTimestamp: ignored,
    deletionGracePeriodSeconds: ignored,
    selfLink: ignored,
    managedFields: ignored,
    ownerReferences: ignored,
    finalizers: ignored,
  })
  .meta({ anyOf: [{ required: ['name'] }, { required: ['generateName'] }] });

/** `metadata` of a manifest as written. What only an API server writes is accepted and dropped. */
export const metadata: z.ZodType<WrittenMetadata, z.input<typeof metadataFields>> = emptyAsAbsent(metadataFields);

type WrittenMetadata = z.output<typeof metadataFields>;

/** `metadata` of a checked manifest. */
export interface Metadata {
  name: string;
  /** The prefix from which the name was generated. */
  generateName?: string;
  /** @default 'default' */
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Drops what only an API server writes and fills in the namespace. The name is known by then. */
export function checkedMetadata(written: WrittenMetadata): Metadata {
  return {
    name: written.name ?? '',
    ...present({ generateName: written.generateName }),
    namespace: written.namespace ?? DEFAULT_NAMESPACE,
    labels: written.labels ?? {},
    annotations: written.annotations ?? {},
  };
}

export const DEFAULT_NAMESPACE = 'default';

/** Longest name that Kubernetes' DNS-1035 labels allow. */
export const MAX_NAME_LENGTH = 63;

/**
 * The name of a manifest: its own, or `generateName` (shortened where needed) with the suffix, as the API server would
 * build it. The suffix is the caller's, because a manifest is a pure value and randomness is not.
 */
export function resolveName(
  { name, generateName }: { name?: string; generateName?: string },
  suffix: string,
): string | undefined {
  if (name) return name;
  if (!generateName) return undefined;
  return generateName.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix;
}
