import * as z from 'zod';
import { withDefaults, type SparkApplicationSpec } from './defaults.ts';
import { checkedMetadata, metadata, type Metadata } from './metadata.ts';
import { checkScheduledSparkApplication } from './rules.ts';
import { sparkApplicationSpec } from './spark-application-spec.ts';
import { API_VERSION } from './spark-application.ts';

/** `ScheduledSparkApplication` of `sparkoperator.k8s.io/v1beta2`; the same treatment as `sparkApplicationSchema`. */
export const scheduledSparkApplicationSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('ScheduledSparkApplication'),
    metadata,
    spec: z.strictObject({
      schedule: z.string().min(1),
      timeZone: z.string().min(1).exactOptional(),
      template: sparkApplicationSpec,
      suspend: z.boolean().exactOptional(),
      concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']).exactOptional(),
      successfulRunHistoryLimit: z.int32().min(0).exactOptional(),
      failedRunHistoryLimit: z.int32().min(0).exactOptional(),
    }),
    status: z.unknown().exactOptional(),
  })
  .superRefine(checkScheduledSparkApplication, { when: () => true })
  .transform(({ apiVersion, kind, metadata, spec }): ScheduledSparkApplication => ({
    apiVersion,
    kind,
    metadata: checkedMetadata(metadata),
    spec: {
      schedule: spec.schedule,
      timeZone: spec.timeZone ?? 'UTC',
      template: withDefaults(spec.template),
      suspend: spec.suspend ?? false,
      concurrencyPolicy: spec.concurrencyPolicy ?? 'Allow',
      successfulRunHistoryLimit: spec.successfulRunHistoryLimit ?? 1,
      failedRunHistoryLimit: spec.failedRunHistoryLimit ?? 1,
    },
  }));

/** A checked schedule: defaults applied, named, in a namespace. Plain JSON. */
export interface ScheduledSparkApplication {
  apiVersion: typeof API_VERSION;
  kind: 'ScheduledSparkApplication';
  metadata: Metadata;
  spec: {
    /** Cron expression with five fields, a macro such as `@daily`, or `@every 30m`. */
    schedule: string;
    /** IANA name. @default 'UTC' */
    timeZone: string;
    template: SparkApplicationSpec;
    /** @default false */
    suspend: boolean;
    /** @default 'Allow' */
    concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace';
    /** @default 1 */
    successfulRunHistoryLimit: number;
    /** @default 1 */
    failedRunHistoryLimit: number;
  };
}

/** A schedule as a person writes it. */
export type ScheduledSparkApplicationManifest = z.input<typeof scheduledSparkApplicationSchema>;
