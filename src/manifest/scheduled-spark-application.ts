import * as z from 'zod';
import { emptyAsAbsent } from '../validation/empty-texts.ts';
import { withDefaults, type SparkApplicationSpec } from './defaults.ts';
import type { ScheduledSparkApplicationManifest } from './manifest-types.ts';
import { checkedMetadata, metadata, type Metadata } from './metadata.ts';
import { checkScheduledSparkApplication } from './spec-rules.ts';
import { sparkApplicationSpec } from './spark-application-spec.ts';
import { API_VERSION } from './spark-application.ts';
import { int32 } from '../validation/whole-number.ts';

/** `ScheduledSparkApplication` of `sparkoperator.k8s.io/v1beta2`; the same treatment as `sparkApplicationSchema`. */
export const scheduledSparkApplicationSchema: z.ZodType<ScheduledSparkApplication, ScheduledSparkApplicationManifest> =
  z
    .strictObject({
      apiVersion: z.literal(API_VERSION),
      kind: z.literal('ScheduledSparkApplication'),
      metadata,
      spec: emptyAsAbsent(
        z.strictObject({
          schedule: z
            .string()
            .min(1)
            .describe('Cron expression with five fields, a word such as @daily, or @every 30m.'),
          timeZone: z.string().min(1).exactOptional().describe('IANA name of a time zone. Default: UTC.'),
          template: sparkApplicationSpec.describe('The application to run.'),
          suspend: z.boolean().exactOptional().describe('Start no more runs. Default: false.'),
          concurrencyPolicy: z
            .enum(['Allow', 'Forbid', 'Replace'])
            .exactOptional()
            .describe('What to do when a run is due while another runs. Default: Allow.'),
          successfulRunHistoryLimit: int32({ minimum: 0 })
            .exactOptional()
            .describe('Successful runs to keep. Default: 1.'),
          failedRunHistoryLimit: int32({ minimum: 0 }).exactOptional().describe('Failed runs to keep. Default: 1.'),
        }),
      ),
      status: z.unknown().exactOptional(),
    })
    .superRefine(checkScheduledSparkApplication, { when: () => true })
    .transform(({ apiVersion, kind, metadata, spec }): ScheduledSparkApplication => ({
      apiVersion,
      kind,
      metadata: checkedMetadata(metadata),
      spec: {
        schedule: spec.schedule,
        // "Local" is the zone of the operator's pod, which is UTC in the operator's image.
        timeZone: spec.timeZone === undefined || spec.timeZone === 'Local' ? 'UTC' : spec.timeZone,
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
