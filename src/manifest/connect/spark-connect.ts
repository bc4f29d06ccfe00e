import * as z from 'zod';
import { emptyAsAbsent } from '../../validation/empty-texts.ts';
import { formatted, quantity } from '../../validation/formats.ts';
import { int32 } from '../../validation/whole-number.ts';
import type { PodTemplate } from '../../kubernetes/objects.ts';
import * as kubernetes from '../kubernetes-types.ts';
import type { ManifestMetadata, SparkApplicationManifestSpec } from '../manifest-types.ts';
import { checkedMetadata, metadata, type Metadata } from '../metadata.ts';
import { configuration, dynamicAllocation, text } from '../spark-application-spec.ts';
import { checkSparkConnect } from './check-spark-connect.ts';

export const CONNECT_API_VERSION = 'sparkoperator.k8s.io/v1alpha1';

/** Fields that the server and the executors share. */
const role = {
  cores: int32({ minimum: 1 }).exactOptional().describe('Cores. Default: 1, unless sparkConf sets them.'),
  template: kubernetes.podTemplate.exactOptional().describe('Pod template, merged under everything else.'),
};

const server = z.strictObject({
  ...role,
  memory: formatted('jvm-memory')
    .exactOptional()
    .describe('Heap of the server. Default: 1g, unless sparkConf sets it.'),
  service: z
    .looseObject({
      metadata: z.looseObject({ name: formatted('dns-1035-label').exactOptional() }).exactOptional(),
      spec: z.looseObject({}).exactOptional(),
    })
    .exactOptional()
    .describe('Service of the server; its ports are set. Default: a ClusterIP Service, <name>-server.'),
});

const executor = z.strictObject({
  ...role,
  memory: quantity('spark-memory')
    .exactOptional()
    .describe('Heap of an executor, at least 512m, with its unit. Default: 1g, unless sparkConf sets it.'),
  instances: int32({ minimum: 0 })
    .exactOptional()
    .describe('Number of executors. Default: 1, unless sparkConf or dynamic allocation sets it.'),
});

const spec = z
  .strictObject({
    sparkVersion: formatted('spark-version').describe('Version of Spark in the image.'),
    image: text.exactOptional().describe('Container image of server and executors, unless their templates have one.'),
    hadoopConf: configuration
      .exactOptional()
      .describe('Hadoop configuration, with or without the prefix spark.hadoop.'),
    sparkConf: configuration.exactOptional().describe('Spark configuration; fields of the spec beat it.'),
    server: server.describe('The Spark Connect server, which is the driver.'),
    executor: executor.describe('The executors.'),
    dynamicAllocation: dynamicAllocation.exactOptional().describe('As many executors as there is work for.'),
  })
  .meta({ id: 'SparkConnectSpec' });

/** `SparkConnect` of `sparkoperator.k8s.io/v1alpha1`. Output: `status` and server-side metadata dropped. */
export const sparkConnectSchema: z.ZodType<SparkConnect, SparkConnectManifest> = z
  .strictObject({
    apiVersion: z.literal(CONNECT_API_VERSION),
    kind: z.literal('SparkConnect'),
    metadata,
    spec: emptyAsAbsent(spec),
    status: z.unknown().exactOptional(),
  })
  .superRefine(checkSparkConnect, { when: () => true })
  .transform(({ apiVersion, kind, metadata: written, spec: checked }): SparkConnect => ({
    ...{ apiVersion, kind, metadata: checkedMetadata(written), spec: checked },
  }));

type Shared = Pick<SparkApplicationManifestSpec, 'image' | 'hadoopConf' | 'sparkConf' | 'dynamicAllocation'>;

interface RoleSpec<Memory> {
  cores?: number;
  memory?: Memory;
  template?: PodTemplate;
}

/** `spec` of a SparkConnect. In a checked one a `Quantity` is a string. */
export interface SparkConnectSpec<Quantity = string> extends Shared {
  sparkVersion: string;
  server: RoleSpec<string> & {
    service?: { metadata?: { name?: string; [field: string]: unknown }; spec?: Record<string, unknown> };
  };
  executor: RoleSpec<Quantity> & { instances?: number };
}

/** A Spark Connect session as a person writes it. */
export interface SparkConnectManifest {
  apiVersion: typeof CONNECT_API_VERSION;
  kind: 'SparkConnect';
  metadata: ManifestMetadata;
  spec: SparkConnectSpec<string | number>;
  status?: unknown;
}

/** A checked session: named, in a namespace. Plain JSON. */
export interface SparkConnect {
  apiVersion: typeof CONNECT_API_VERSION;
  kind: 'SparkConnect';
  metadata: Metadata;
  spec: SparkConnectSpec;
}
